"""Decide which addresses a webhook may lead to. Pure.

Whoever makes a webhook chooses where this machine connects to. It stands in a network with neighbours that
trust it: a database, a metadata service that hands out credentials. So it connects to addresses of the public
internet only, and to each of them only after it has looked at the very address.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

MAX_URL_LENGTH: Final = 2_000
"""Characters."""
MIN_OPEN_PORT: Final = 1024
"""Below it, only the ports of HTTPS are allowed: others belong to services that speak something else."""
_NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE | re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LOOPBACK: Final = tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128")))
_REFUSED: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            # What `is_global` leaves open, in some version of Python or by its definition.
            "100.64.0.0/10",  # carrier-grade NAT: metadata services of some clouds stand there
            "168.63.129.16/32",  # Azure's own services
            "192.0.0.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",  # IPv4-compatible
            "::ffff:0:0/96",  # IPv4-mapped: nothing on the internet answers there; this machine would
            "64:ff9b::/96",  # NAT64: a gateway leads on to the IPv4 address that stands in it
            "64:ff9b:1::/48",
            "2001::/23",  # Teredo, ORCHID and their like
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
            "5f00::/16",
            "fec0::/10",  # once site-local
            "fd00:ec2::/32",  # the metadata service of EC2
            "ff00::/8",
        ),
    )
)


class RefusedError(ValueError):
    """An URL or an address is none that a webhook may lead to; the text says why, to its person."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an URL leads."""

    is_tls: bool
    host: str
    """A name in ASCII, or, where loopback is allowed, an address without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def host_header(self) -> str:
        """The Host header: the port stands in it where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"


def parse(url: str, *, allow_loopback: bool = False) -> Target:
    """Read an URL to which a webhook may be sent.

    Args:
        url: As its person gave it.
        allow_loopback: Whether ``http``, any port and addresses of this machine are allowed: in the local
            stack only.

    Raises:
        RefusedError: it is none.
    """
    if (
        len(url) > MAX_URL_LENGTH
        or not url.isascii()
        or any(char <= " " or char in '\\"<>^`{|}\x7f' for char in url)
    ):
        raise RefusedError(
            "Send an address in ASCII, without blanks and backslashes, of at most 2,000 characters."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedError("This is no address of the web.") from None
    is_tls = parts.scheme == "https"
    if not is_tls and not (allow_loopback and parts.scheme == "http"):
        raise RefusedError("The address has to begin with https.")
    if "@" in parts.netloc:
        raise RefusedError("The address must not hold a user name or password.")
    if parts.fragment or "#" in url:
        raise RefusedError("The address must not have a fragment (#).")
    if port is None:
        port = 443 if is_tls else 80
    if port == 0 or (port != 443 and port < MIN_OPEN_PORT and not allow_loopback):
        raise RefusedError(f"Only port 443 and those from {MIN_OPEN_PORT} on are allowed.")
    if not allow_loopback or not _is_loopback_text(host):
        _check_name(host)
    path = parts.path or "/"
    return Target(is_tls, host, port, f"{path}?{parts.query}" if parts.query else path)


def _is_loopback_text(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return _is_loopback(ipaddress.ip_address(host))
    except ValueError:
        return False


def _is_loopback(ip: Address) -> bool:
    return any(ip.version == network.version and ip in network for network in _LOOPBACK)


def _check_name(host: str) -> None:
    labels = host.removesuffix(".").split(".")
    if not all(map(_LABEL.fullmatch, labels)) or len(host) > 253:
        raise RefusedError("The address has to name its host by a domain name.")
    # "127.1", "0x7f000001" and "2130706433" are addresses to a resolver (inet_aton), whatever they look like.
    if _NUMBER.fullmatch(labels[-1]):
        raise RefusedError("The address has to name its host by a domain name, not by a number.")
    if len(labels) < 2 or labels[-1].lower() in {"localhost", "local", "internal", "localdomain", "onion"}:
        raise RefusedError("The host is not on the public internet.")


def is_allowed(address: str, *, allow_loopback: bool = False) -> bool:
    """Whether an address that a name was resolved to may be connected to."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if allow_loopback and _is_loopback(ip):
        return True
    return _is_public(ip) and "%" not in address


def _is_public(ip: Address) -> bool:
    if any(ip.version == network.version and ip in network for network in _REFUSED):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified
