"""Pages, their assets and the headers that go with them. Nothing in here needs another host."""

import hashlib
import re
from functools import cache
from pathlib import Path

import aws_lambda_powertools
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from musicconnect.api.elsewhere import PAGES, refusal
from musicconnect.platform.problems import Problem
from web import console_files

HERE = Path(__file__).parent
STATIC = HERE / "static"
DESCRIPTION = HERE / "openapi.json"

# Powertools brings Swagger UI along, so that no browser asks an outside host for it.
SWAGGER_UI = Path(aws_lambda_powertools.__file__).parent / "event_handler/openapi/swagger_ui"

# Names under /docs/.
ASSETS = {
    "page.css": STATIC / "page.css",
    "start.js": STATIC / "start.js",
    "authorize.js": STATIC / "authorize.js",
    "account.js": STATIC / "account.js",
    "swagger-ui.css": SWAGGER_UI / "swagger-ui.min.css",
    "swagger-ui-bundle.js": SWAGGER_UI / "swagger-ui-bundle.min.js",
    "favicon.png": STATIC / "favicon.png",
    # Of the pages for strangers, which another function writes.
    "public.css": STATIC / "public.css",
    "card.png": STATIC / "card.png",
}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
}
ASSET_SECONDS = 3600
"""How long a browser keeps an asset before it asks whether it has changed."""

SECURITY_HEADERS = {
    # No script and no style but our own files. Swagger UI's style sheet carries pictures as data: URLs.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def docs(request: Request) -> Response:
    """The description of the API, readable."""
    return _file(request, STATIC / "docs.html")


async def authorize(request: Request) -> Response:
    """Where programs that sign in as at Last.fm send people."""
    return _file(request, STATIC / "authorize.html")


async def account(request: Request) -> Response:
    """Where links in mail lead."""
    return _file(request, STATIC / "account.html")


async def asset(request: Request) -> Response:
    """One of the files that the pages consist of."""
    path = ASSETS.get(request.path_params["asset"])
    if path is None:
        raise HTTPException(404)
    return _file(request, path, seconds=ASSET_SECONDS)


async def description(request: Request) -> Response:
    """The description of the API, for programs."""
    return _file(request, DESCRIPTION)


async def refuse(request: Request, error: Exception) -> Response:
    """Errors look as they do everywhere else in the API."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, HTTPException):
        problem, more = refusal(DESCRIPTION, request.url.path, f"{PAGES}|{_ASSET_PATHS}")
        headers |= more
    else:
        problem = Problem(500, "internal", "Something went wrong on our side", "Try again later.")
    event = request.scope.get("aws.event", {})
    body = problem.body() | {"request_id": event.get("requestContext", {}).get("requestId", "")}
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


_ASSET_PATHS = "/docs/(?:" + "|".join(map(re.escape, ASSETS)) + ")"


def _file(request: Request, path: Path, seconds: int = 0) -> Response:
    content, tag = _read(path)
    headers = SECURITY_HEADERS | {
        "ETag": tag,
        "Cache-Control": f"public, max-age={seconds}" if seconds else "no-cache",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=TYPES[path.suffix])


@cache
def _read(path: Path) -> tuple[bytes, str]:
    """Content and entity tag. Kept, since the files of a deployed function do not change."""
    content = path.read_bytes()
    return content, f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'


site = Starlette(
    routes=[
        Route("/", console_files.page),
        Route("/app", console_files.page),
        Route("/app/{path:path}", console_files.file),
        Route("/docs", docs),
        Route("/docs/{asset:path}", asset),
        Route("/openapi.json", description),
        Route("/api/auth", authorize),
        Route("/account/{page}", account),
    ],
    middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
    exception_handlers={HTTPException: refuse, Exception: refuse},
)
