"""Barcodes: one number, written with more or fewer zeros."""

import pytest

from musicconnect.music import barcodes


@pytest.mark.parametrize("written", ["602475093060", "0602475093060", "00602475093060", " 6024-75093060 "])
def test_zeros_and_hyphens_make_no_other_number(written: str) -> None:
    assert barcodes.number(written) == "602475093060"


@pytest.mark.parametrize(
    "written", [None, "", "0", "000000000000", "1234567", "60247509306X", "１２３４５６７８９０１２"]
)
def test_what_is_no_barcode_has_no_number(written: str | None) -> None:
    assert barcodes.number(written) == ""


def test_it_is_looked_for_as_it_is_given_first_and_each_way_once() -> None:
    assert barcodes.writings("0602475093060") == ["0602475093060", "602475093060", "00602475093060"]
    assert barcodes.writings("4006381333931") == ["4006381333931", "04006381333931"]
    assert barcodes.writings("none") == []
