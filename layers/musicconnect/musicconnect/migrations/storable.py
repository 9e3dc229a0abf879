"""What Postgres can hold of what providers send."""

from typing import Any


def storable(value: Any) -> Any:
    """The value without what Postgres cannot hold: NUL, halves of surrogate pairs."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode()
        case list():
            return [storable(entry) for entry in value]
        case dict():
            return {key: storable(entry) for key, entry in value.items()}
        case _:
            return value
