"""Read lengths as providers write them. Pure."""

import re
from typing import Final

_ISO: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")


def duration_ms(text: str | None) -> int | None:
    """Read milliseconds of an ISO 8601 duration (``PT4M12S``); None for none, and of a live stream."""
    match = _ISO.fullmatch(text or "")
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 or None
