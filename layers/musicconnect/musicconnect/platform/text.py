"""Make text storable in Postgres: UTF-8 without the NUL character."""

from typing import Any


def is_storable(text: str) -> bool:
    """Whether Postgres can hold a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and encodable(text) == text


def encodable(text: str) -> str:
    """Replace every half of a surrogate pair, which UTF-8 does not have, by a question mark."""
    return text.encode("utf-8", "replace").decode()


def storable(text: str) -> str:
    """Remove what Postgres cannot hold."""
    return encodable(text.replace("\x00", ""))


def storable_value(value: Any) -> Any:
    """Make every text in a JSON value storable."""
    match value:
        case str():
            return storable(value)
        case list():
            return [storable_value(part) for part in value]
        case dict():
            return {storable_value(name): storable_value(part) for name, part in value.items()}
        case _:
            return value
