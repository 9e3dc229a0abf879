"""Where a webhook may lead: what is refused before anything is looked up, and which addresses are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.notices.webhooks.addresses import RefusedError, is_allowed, parse


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://example.org/hook", "example.org", 443, "/hook"),
        ("https://example.org", "example.org", 443, "/"),
        ("https://EXAMPLE.org:8443/a?b=c", "example.org", 8443, "/a?b=c"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://a.b.c.example.org./x", "a.b.c.example.org.", 443, "/x"),
    ],
)
def test_an_address_of_the_web_is_read(url: str, host: str, port: int, path: str) -> None:
    target = parse(url)

    assert (target.is_tls, target.host, target.port, target.path) == (True, host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/",
        "//example.org/", "example.org", "", "https://", "https:///path", "https://example.org:22/",
        "https://example.org:80/", "https://example.org:0/", "https://example.org:65536/",
        "https://example.org:abc/", "https://user@example.org/", "https://user:secret@example.org/",
        "https://example.org@127.0.0.1/", "https://example.org/#fragment", "https://example.org/\\@localhost",
        "https://exa mple.org/", "https://example.org/\r\nHost: localhost", "https://bücher.example/",
        "https://localhost/", "https://printer.local/", "https://metadata.google.internal/",
        "https://x.localhost/", "https://intranet/", "https://127.0.0.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://1.1.1.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/",
        "https://example.org%00.evil.example/", "https://example.org:443:80/", "https://-/", "https://a..b/",
        "https://" + "a" * 2_000 + ".example/",
    ],
)  # fmt: skip
def test_whatever_is_no_public_name_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        parse(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8123/x", "http://localhost:80/", "http://[::1]:9/", "https://127.0.0.1/"]
)
def test_this_machine_is_allowed_where_the_deployer_says_so(url: str) -> None:
    assert parse(url, allow_loopback=True).port > 0


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://169.254.169.254/", "http://2130706433/", "http://intranet/"]
)
def test_and_nothing_else_is(url: str) -> None:
    with pytest.raises(RefusedError):
        parse(url, allow_loopback=True)


REFUSED = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::",
    "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "fc00::1", "fd00:ec2::254", "fd12::1", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "5f00::1", "3fff::1", "nonsense", "",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_of_neighbours_are_refused(address: str) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"]
)
def test_addresses_of_the_internet_are_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1"])
def test_loopback_is_all_that_the_deployer_allows(address: str) -> None:
    assert not is_allowed(address, allow_loopback=True)
    assert is_allowed("127.0.0.1", allow_loopback=True)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            target = parse(url)
        except RefusedError:
            continue
        assert "." in target.host
        assert target.port == 443 or target.port >= 1024
