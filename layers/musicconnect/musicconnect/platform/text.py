"""What text has to be so that Postgres can hold it: UTF-8 without the NUL character."""

from typing import Any


def is_storable(text: str) -> bool:
    """Whether Postgres can hold a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and encodable(text) == text


def encodable(text: str) -> str:
    """The text with a question mark for every half of a surrogate pair, which UTF-8 does not have."""
    return text.encode("utf-8", "replace").decode()


def storable(text: str) -> str:
    """The text without what Postgres cannot hold."""
    return encodable(text.replace("\x00", ""))


def storable_value(value: Any) -> Any:
    """Remove from all texts of a JSON value what Postgres cannot hold."""
    match value:
        case str():
            return storable(value)
        case list():
            return [storable_value(part) for part in value]
        case dict():
            return {storable(name): storable_value(part) for name, part in value.items()}
        case _:
            return value
