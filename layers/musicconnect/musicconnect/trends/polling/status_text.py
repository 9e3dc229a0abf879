"""Say in words how the polling of Spotify goes."""

from typing import Final

from musicconnect.platform.status import Status, Text, plural, render
from musicconnect.providers import status_text as providers_text

TEXTS: Final[dict[str, Text]] = {
    "off": lambda *_: "Off.",
    "waiting": lambda *_: "Waiting for the first poll.",
    "polled": lambda p, _: f"{p['new']:,} new of the last {plural(p['listed'], 'play')}.",
    "retrying": lambda p, reader: (
        f"{render(providers_text.TEXTS, Status.from_json(p['cause']), reader)} "
        f"The next poll is at {reader.time(p['at'])}."
    ),
    "stopped": lambda *_: (
        "Spotify no longer lets us ask. Link the account again, then switch polling on again."
    ),
}
"""By code; a ``cause`` is a status of `providers.status_text`."""
