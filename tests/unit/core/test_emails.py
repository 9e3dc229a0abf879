"""Email addresses in compared form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.core import emails


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  ada@example.org\t", "ada@example.org"),
        ("ＡＤＡ＠example.org", "ada@example.org"),  # full width, the at sign too
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
        ("ﬁne@example.org", "fine@example.org"),  # a ligature
        ("ΣΊΣΥΦΟΣ@example.gr", "σίσυφοσ@example.gr"),  # both small sigmas become one
        ("e\u0301@example.org", "\u00e9@example.org"),
    ],
)
def test_the_same_address_has_one_form(written: str, compared: str) -> None:
    assert emails.normalize(written) == compared


@given(st.text())
def test_the_form_of_a_form_is_itself(text: str) -> None:
    once = emails.normalize(text)

    assert emails.normalize(once) == once


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "first.last+tag@sub.example.org",
        "o'hara_99%x@example.org",
        "用户@例子.广告",
        "a@xn--fsqu00a.xn--4rr70v",
        "a@1and1.com",
        "x" * 64 + "@example.org",
        "a@" + "b" * 63 + ".org",
    ],
)
def test_takes_what_mail_could_reach(address: str) -> None:
    assert emails.is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@b.",
        "a@.b.co",
        "a@b..co",
        "a@-b.co",
        "a@b-.co",
        "a@b_c.co_",
        "a@b.co.123",
        "a@[127.0.0.1]",
        "a b@c.de",
        "a\u00a0b@c.de",
        "a\x00b@c.de",
        "a\x7fb@c.de",
        "a,b@c.de",
        "<a@b.co>",
        '"a"@b.co',
        "a@b@c.de",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.de",
        "x" * 65 + "@example.org",
        "a@" + "b" * 64 + ".org",
        "a@" + ".".join(["b" * 60] * 4) + ".org" + "x" * 20,
    ],
)
def test_refuses_what_it_could_not(address: str) -> None:
    assert not emails.is_email(address)
