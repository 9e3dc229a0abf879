"""Errors in the two shapes that Spotify has: the Web API's and OAuth's."""

from typing import Self

from starlette.responses import JSONResponse, PlainTextResponse, Response

from local.simulators.spotify.settings import BURST, NOT_REGISTERED, PREMIUM_REQUIRED, QUOTA


class ApiError(Exception):
    """``{"error": {"status", "message"}}``, or plain text where Spotify's gateway answers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        reason: str | None = None,
        retry_after: int | None = None,
        as_text: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.retry_after = retry_after
        self.as_text = as_text

    def response(self) -> Response:
        """The answer that goes out."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.as_text:
            return PlainTextResponse(self.message, self.status, headers)
        error: dict[str, object] = {"status": self.status, "message": self.message}
        if self.reason is not None:
            error["reason"] = self.reason
        return JSONResponse({"error": error}, self.status, headers)

    @classmethod
    def bad_request(cls, message: str) -> Self:
        """400."""
        return cls(400, message)

    @classmethod
    def unauthorized(cls, message: str) -> Self:
        """401."""
        return cls(401, message)

    @classmethod
    def forbidden(cls, message: str = "Forbidden") -> Self:
        """403."""
        return cls(403, message)

    @classmethod
    def insufficient_scope(cls) -> Self:
        """403: the person did not agree to this."""
        return cls(403, "Insufficient client scope")

    @classmethod
    def not_registered(cls, *, as_text: bool) -> Self:
        """403: the person is not on the application's allow-list."""
        return cls(403, NOT_REGISTERED, as_text=as_text)

    @classmethod
    def premium_required(cls) -> Self:
        """403: the owner of a development-mode application has no Premium."""
        return cls(403, PREMIUM_REQUIRED)

    @classmethod
    def not_found(cls) -> Self:
        """404."""
        return cls(404, "Resource not found")

    @classmethod
    def burst(cls, retry_after: int) -> Self:
        """429 of the rolling 30 seconds."""
        return cls(429, BURST, retry_after=retry_after)

    @classmethod
    def quota_exceeded(cls, retry_after: int) -> Self:
        """429 of the rolling day."""
        return cls(429, QUOTA, reason="QUOTA_EXCEEDED", retry_after=retry_after)


class OAuthError(Exception):
    """``{"error", "error_description"}`` of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> Response:
        """The answer that goes out."""
        return JSONResponse({"error": self.error, "error_description": self.description}, self.status)
