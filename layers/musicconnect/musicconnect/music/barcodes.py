"""Compare barcodes of albums: UPC and EAN are one number, written with more or fewer leading zeros."""

from typing import Final

LENGTHS: Final = (12, 13, 14)
"""Digits of a UPC, of an EAN, and of either with all its zeros."""
_MIN_DIGITS: Final = 8


def number(barcode: str | None) -> str:
    """Give a barcode's digits without leading zeros; empty of what is no barcode."""
    digits = (barcode or "").strip().replace("-", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit():
        return ""
    plain = digits.lstrip("0")
    return plain if _MIN_DIGITS <= len(plain) <= LENGTHS[-1] else ""


def writings(barcode: str) -> list[str]:
    """List how a barcode may be written, as it is given first; nothing of what is no barcode."""
    plain = number(barcode)
    if not plain:
        return []
    given = barcode.strip().replace("-", "").replace(" ", "")
    padded = [plain.zfill(length) for length in LENGTHS if length >= len(plain)]
    return list(dict.fromkeys([given, *padded]))
