"""What text has to be so that Postgres can hold it: UTF-8 without the NUL character."""


def is_storable(text: str) -> bool:
    """Whether Postgres can hold a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and encodable(text) == text


def encodable(text: str) -> str:
    """The text with a question mark for every half of a surrogate pair, which UTF-8 does not have."""
    return text.encode("utf-8", "replace").decode()


def storable(text: str) -> str:
    """The text without what Postgres cannot hold."""
    return encodable(text.replace("\x00", ""))
