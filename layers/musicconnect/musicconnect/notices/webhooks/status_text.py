"""Say in words what became of a delivery. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, plural, render

_WHAT: Final = {
    "refused": "The endpoint answered with status {status}.",
    "redirected": "The endpoint answered with a redirect ({status}), which is not followed. "
    "Change the address.",
    "timed-out": "The endpoint took too long.",
    "unreachable": "The endpoint could not be reached, or broke the connection off.",
    "certificate-not-trusted": "The endpoint's certificate is not trusted for this host.",
    "not-http": "The endpoint's answer was not understood.",
    "host-not-found": "There is no such host.",
    "address-refused": "The host's address is not on the public internet.",
}


def _failed(outcome: str) -> Text:
    def write(p: Mapping[str, Any], reader: Reader) -> str:
        what = _WHAT[outcome].format_map({"status": p.get("status")})
        if until := p.get("until"):
            return f"{what} The next try is at {reader.time(until)}."
        return f"{what} Given up after {plural(p['attempts'], 'attempt')}."

    return write


TEXTS: Final[dict[str, Text]] = {
    "waiting": lambda _, __: "Waiting to be sent.",
    "delivered": lambda p, _: f"Delivered; the endpoint answered with status {p['status']}.",
    "gone": lambda _, __: "The endpoint is gone (status 410), so the webhook was switched off.",
    "switched-off": lambda _, __: "The webhook was switched off before this was delivered.",
    **{outcome: _failed(outcome) for outcome in _WHAT},
}
"""By code."""


def text_of(status: Status, reader: Reader) -> str:
    """Write what became of a delivery as sentences."""
    return render(TEXTS, status, reader)
