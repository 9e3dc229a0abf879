"""The errors of TIDAL's API v2."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/vnd.api+json"


class JsonApiResponse(JSONResponse):
    """A JSON:API document."""

    media_type = MEDIA_TYPE


@dataclass(eq=False)
class ApiError(Exception):
    """``{"errors": [{"status", "code"?, "detail"?, "source"?, ...}]}``."""

    status: int
    detail: str
    code: str | None = None
    parameter: str | None = None
    sub_status: int | None = None

    def response(self) -> JsonApiResponse:
        """Make the answer that goes out."""
        error: dict[str, Any] = {"status": str(self.status), "detail": self.detail}
        if self.code is not None:
            error["code"] = self.code
        if self.parameter is not None:
            error["source"] = {"parameter": self.parameter}
        if self.sub_status is not None:
            error["subStatus"] = self.sub_status
        return JsonApiResponse({"errors": [error]}, self.status)


def not_found() -> ApiError:
    """Make the refusal of what is not there, and of what the caller has no right to see."""
    return ApiError(404, "Resource not found")


def bad_request(parameter: str, detail: str) -> ApiError:
    """Make the refusal of a parameter."""
    return ApiError(400, detail, "INVALID_REQUEST", parameter)
