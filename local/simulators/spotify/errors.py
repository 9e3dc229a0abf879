"""The errors of Spotify's Web API."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, PlainTextResponse, Response

NOT_FOUND = "Resource not found"


@dataclass(eq=False)
class ApiError(Exception):
    """``{"error": {"status", "message"}}``, or plain text where Spotify's gateway answers."""

    status: int
    message: str
    reason: str | None = None
    retry_after: int | None = None
    """Seconds."""
    as_text: bool = False

    def response(self) -> Response:
        """Make the answer that goes out."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.as_text:
            return PlainTextResponse(self.message, self.status, headers)
        error: dict[str, object] = {"status": self.status, "message": self.message}
        if self.reason is not None:
            error["reason"] = self.reason
        return JSONResponse({"error": error}, self.status, headers)
