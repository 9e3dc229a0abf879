"""The console: one page for every address below ``/app``, and the files that it consists of.

``tools.console`` builds them from ``functions/web/console``. Files whose names carry a hash of their content
never change; the page that names them is asked for again every time.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

BUILT: Final = Path(__file__).parent / "built"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""The better one first."""
IMMUTABLE_SECONDS: Final = 365 * 24 * 60 * 60
MARK_SECONDS: Final = 24 * 60 * 60


def security_headers() -> dict[str, str]:
    """Make the headers of everything that is the console's.

    Scripts, styles and pictures are its own files; what is uploaded goes straight to the object storage.
    """
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
            f"manifest-src 'self'; connect-src 'self' {_upload_origin()}; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
            "trusted-types 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def _upload_origin() -> str:
    """Give the origin that signed links for uploads lead to (`platform.storage.bucket`)."""
    other = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if other:
        return other.rstrip("/")
    bucket, region = os.environ.get("UPLOAD_BUCKET"), os.environ.get("AWS_REGION")
    return f"https://{bucket}.s3.{region}.amazonaws.com" if bucket else ""


@dataclass(frozen=True, slots=True)
class _File:
    """A built file in every encoding that it has; the plain one under the empty name."""

    media_type: str
    tag: str
    contents: dict[str, bytes]
    seconds: int


async def page(request: Request) -> Response:
    """Answer with the console's page."""
    return _answer(request, "index.html")


async def file(request: Request) -> Response:
    """Answer with one of the console's files, or with its page where the address is one of its screens."""
    path = request.path_params["path"]
    if path in _files(_built_at()):
        return _answer(request, path)
    if path.startswith("assets/"):
        raise HTTPException(404)
    return _answer(request, "index.html")


def _answer(request: Request, name: str) -> Response:
    found = _files(_built_at()).get(name)
    if found is None:
        raise HTTPException(404)
    headers = security_headers() | {
        "ETag": found.tag,
        "Cache-Control": _caching(found.seconds),
    }
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = _encoding(request.headers.get("accept-encoding", ""), found)
    if encoding:
        headers |= {
            "Content-Encoding": encoding,
            "Vary": "Accept-Encoding",
        }  # the middleware adds it otherwise
    return Response(found.contents[encoding], headers=headers, media_type=found.media_type)


def _caching(seconds: int) -> str:
    if not seconds:
        return "no-cache"
    return f"public, max-age={seconds}{', immutable' if seconds == IMMUTABLE_SECONDS else ''}"


def _encoding(accepted: str, found: _File) -> str:
    """Choose the smallest form that the browser takes; the empty name is the plain one."""
    offers = dict(re.findall(r"([\w*-]+)\s*(?:;\s*q=([\d.]+))?", accepted.lower()))
    for encoding in ENCODINGS:
        if encoding in offers and encoding in found.contents and float(offers[encoding] or 1) > 0:
            return encoding
    return ""


def _built_at() -> int:
    """Tell one build from the next, for `make up DEV=1`; a deployed function's files do not change."""
    try:
        return (BUILT / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _files(_built_at: int) -> dict[str, _File]:
    """Read everything once; there are few files."""
    paths = [path for path in BUILT.rglob("*") if path.suffix in TYPES and path.is_file()]
    return {path.relative_to(BUILT).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> _File:
    content = path.read_bytes()
    contents = {"": content}
    for encoding, suffix in ENCODINGS.items():
        packed = path.with_name(path.name + suffix)
        if packed.exists():
            contents[encoding] = packed.read_bytes()
    seconds = (
        IMMUTABLE_SECONDS if path.parent.name == "assets" else 0 if path.suffix == ".html" else MARK_SECONDS
    )
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'
    return _File(TYPES[path.suffix], tag, contents, seconds)
