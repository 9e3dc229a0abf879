"""Call the providers over HTTP: connections for each, no automatic retries, nothing secret in errors."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from musicconnect.music.model import ProviderName
from musicconnect.providers.entry import title
from musicconnect.providers.errors import (
    NoChannelError,
    NotFoundError,
    ProviderError,
    QuotaExhaustedError,
    RejectedError,
    TransientError,
)
from musicconnect.providers.protocol import Credentials, Exhaust, Reserve

INVALID_RESPONSE = "invalid_response"
NO_RESPONSE = "no_response"
COMMON_HEADERS = {"User-Agent": "MusicConnect", "Accept-Encoding": "gzip, deflate"}


@cache
def _pool(provider: ProviderName, origin: str) -> urllib3.PoolManager:  # noqa: ARG001 - both are the cache's key
    """Make this environment's connections with a provider: several, for they may be called at once.

    Proxies are read from the environment, as by all of Python.
    """
    where = urlsplit(origin)
    proxies = getproxies()
    proxy = None if proxy_bypass(where.netloc) else proxies.get(where.scheme) or proxies.get("all")
    options: dict[str, Any] = {"ca_certs": certifi.where(), "maxsize": 32}
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


class EmptyResponse(BaseModel):
    """The shape of an answer without a body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One call of a provider's API."""

    method: str
    path: str
    """Below the API's base address, ids already escaped."""
    bucket: str
    """What pays for it."""
    cost: int = 1
    params: Mapping[str, str | int] | None = None
    body: Mapping[str, Any] | None = None
    key: str | None = None
    """Names a write, so that the provider knows it again (``Idempotency-Key``)."""
    only_reads: bool = False
    """Whether it changes nothing, though it is no GET: a question that is too long for an address."""

    @property
    def is_write(self) -> bool:
        """Whether it can change something."""
        return self.method != "GET" and not self.only_reads


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorResponse:
    """An answer other than success."""

    status: int
    headers: Mapping[str, str]
    body: bytes


type ErrorMapper = Callable[[ErrorResponse, ApiCall], ProviderError]
"""Reads a provider's refusal of a call: the error says what to do next. Pure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Makes the calls of one client: token, booking, call, error.

    A token that the provider refuses is renewed once and the call repeated once; nothing else is repeated,
    and nothing is waited for.
    """

    provider: ProviderName
    base_url: str
    timeout: tuple[float, float]
    credentials: Credentials
    reserve: Reserve
    exhaust: Exhaust
    error_for: ErrorMapper
    media_type: str = "application/json"
    """Of what is sent and what is asked for."""
    scheme: str | None = "Bearer"
    """What stands before the token; None: the API is asked without one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every call."""

    def __call__[Shape: BaseModel](self, shape: type[Shape], call: ApiCall) -> Shape:
        """Make a call and read its answer.

        Raises:
            ProviderError: one of its subclasses.
        """
        token = None if self.scheme is None else self.credentials.access_token()
        answer = self._send(call, token)
        if token is not None and isinstance(answer, ErrorResponse) and answer.status == 401:
            if isinstance(self.error_for(answer, call), NoChannelError):
                raise self._recorded(answer, call)
            answer = self._send(call, self.credentials.renewed_token(token))
        if isinstance(answer, ErrorResponse):
            raise self._recorded(answer, call)
        if issubclass(shape, EmptyResponse):
            return shape()
        try:
            return shape.model_validate_json(answer)
        except ValidationError:
            raise invalid_response(self.provider, may_have_applied=call.is_write) from None

    def _send(self, call: ApiCall, token: str | None) -> bytes | ErrorResponse:
        self.reserve(call.bucket, call.cost)
        url = f"{self.base_url.rstrip('/')}{call.path}"
        if call.params:
            url += f"?{urlencode(call.params)}"
        return send(
            self.provider,
            call.method,
            url,
            timeout=self.timeout,
            headers=self._headers(call, token),
            body=None if call.body is None else json.dumps(call.body).encode(),
            is_write=call.is_write,
        )

    def _headers(self, call: ApiCall, token: str | None) -> dict[str, str]:
        headers = {"Accept": self.media_type, **self.headers}
        if token is not None:
            headers["Authorization"] = f"{self.scheme} {token}"
        if call.body is not None:
            headers["Content-Type"] = self.media_type
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        return headers

    def _recorded(self, refusal: ErrorResponse, call: ApiCall) -> ProviderError:
        error = self.error_for(refusal, call)
        match error:
            case QuotaExhaustedError(bucket=call.bucket):
                self.exhaust(error.bucket, error.until)
            case NoChannelError():
                self.credentials.no_channel()
        return error


def send(
    provider: ProviderName,
    method: str,
    url: str,
    *,
    timeout: tuple[float, float],
    headers: Mapping[str, str],
    body: bytes | None,
    is_write: bool,
) -> bytes | ErrorResponse:
    """Send one HTTP request; return the body of a successful answer, or the refusal.

    Args:
        provider: Whose connections to use.
        method: Of the request.
        url: With its query.
        timeout: Seconds to connect, and to wait for each part of the answer.
        headers: Beside those that every request has.
        body: What is sent.
        is_write: Whether it can change something.

    Raises:
        TransientError: there was no answer, or not all of it. Neither it nor its context carries the address
            or a token.
    """
    connect_s, read_s = timeout
    try:
        # A write must never be repeated by a library: whether it took effect is looked up first.
        answer = _pool(provider, "/".join(url.split("/", 3)[:3])).request(
            method,
            url,
            body=body,
            headers={**COMMON_HEADERS, **headers},
            timeout=urllib3.Timeout(connect=connect_s, read=read_s),
            retries=False,
            redirect=False,
        )
    except HTTPError as error:
        raise TransientError(
            "The provider did not answer.",
            provider=provider,
            reason=NO_RESPONSE,
            may_have_applied=is_write and not isinstance(error, ConnectTimeoutError | NewConnectionError),
        ) from None
    if 200 <= answer.status < 300:
        return answer.data
    return ErrorResponse(status=answer.status, headers=answer.headers, body=answer.data)


def invalid_response(provider: ProviderName, *, may_have_applied: bool = False) -> TransientError:
    """Make the error for an answer that cannot be read."""
    return TransientError(
        "The provider's answer could not be read.",
        provider=provider,
        reason=INVALID_RESPONSE,
        may_have_applied=may_have_applied,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read a ``Retry-After`` header; None where it is absent or not a number of seconds."""
    try:
        return max(0.0, float(headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def error_by_status(
    provider: ProviderName, refusal: ErrorResponse, call: ApiCall, reason: str
) -> ProviderError:
    """Read a refusal whose body says nothing that this deployment knows."""
    name = title(provider)
    match refusal.status:
        case 401:
            # Only reached with a token that has just been renewed.
            return TransientError(
                f"{name} did not accept a new access token.", provider=provider, reason=reason
            )
        case 404:
            return NotFoundError(f"{name} does not have it (any more).", provider=provider, reason=reason)
        case status if status >= 500 or status in (408, 409):
            return TransientError(
                f"{name} is in trouble.",
                provider=provider,
                reason=reason,
                retry_after=retry_after(refusal.headers),
                may_have_applied=call.is_write,
            )
        case status if status < 400:
            return TransientError(f"{name} sent us elsewhere.", provider=provider, reason=reason)
        case _:
            return RejectedError(f"{name} does not accept the request.", provider=provider, reason=reason)
