"""Normalize and check email addresses."""

import re
import unicodedata

MAX_LENGTH = 254
"""Characters; what an SMTP path of 256 octets leaves (RFC 5321, section 4.5.3.1.3)."""

# Quoted local parts and address literals are legal and unused; a typing error is the likelier cause.
_LOCAL = re.compile(
    r"""(?!.*\.\.)[^\s\x00-\x20\x7f-\x9f.@"(),:;<>\[\\\]][^\s\x00-\x20\x7f-\x9f@"(),:;<>\[\\\]]*"""
)
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def normalize(address: str) -> str:
    """Remove case and differences of encoding: NFKC and full case folding.

    Case folding can undo NFKC (``İ``), so that it is applied around it.
    """
    folded = unicodedata.normalize("NFKC", address.strip()).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def is_email(address: str) -> bool:
    """Whether a text in compared form looks like an address that mail could reach."""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    return (
        bool(at)
        # What is not seen, or turns the direction of writing, makes an address look like another one.
        and not any(
            unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"} for character in address
        )
        and len(address) <= MAX_LENGTH
        and len(local) <= 64
        and _LOCAL.fullmatch(local) is not None
        and not local.endswith(".")
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdecimal()
    )
