"""Show what was sent by mail: the messages that the stand-in for SES has accepted.

``GET /mailbox`` of the stand-in for AWS is a page, ``GET /mailbox.json`` the same for programs.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from local.stack.wait import wait_until

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

PATH: Final = "/mailbox"
MAIL_LIMIT_S: Final = 30.0
_PAGE: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Mail of the local stack</title>
<style>body{{font:15px/1.5 sans-serif;max-width:760px;margin:24px auto;padding:0 12px}}
summary{{cursor:pointer}} pre{{white-space:pre-wrap;background:#f4f4f5;padding:12px}}
iframe{{width:100%;height:480px;border:1px solid #d4d4d8}}</style></head>
<body><h1>Mail</h1><p>{count} sent. Nothing of it has left this machine. <a href="{path}">Look again</a></p>
{messages}</body></html>
"""
_MESSAGE: Final = """\
<details><summary><b>{subject}</b> to {to}</summary><pre>{text}</pre>
<iframe sandbox="allow-popups" title="HTML part" srcdoc="{document}"></iframe></details>
"""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message as it was sent."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


def parse(message_id: str, raw: str) -> SentMail:
    """Read a raw message with a text and an HTML part."""
    message = message_from_string(raw, _class=EmailMessage, policy=default)
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: part.get_content() if part is not None else "" for kind, part in parts.items()}
    return SentMail(
        id=message_id,
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=texts["plain"].replace("\r\n", "\n"),
        html=texts["html"],
        headers={name: str(value) for name, value in message.items()},
    )


def sent() -> Iterator[SentMail]:
    """List what the stand-in in this process has accepted, oldest first."""
    from moto.ses.models import ses_backends  # noqa: PLC0415 - only where the stand-in runs

    for regions in ses_backends.values():
        for backend in regions.values():
            for message in backend.sent_messages:
                yield parse(message.id, message.raw_data)


def read(aws_url: str) -> list[SentMail]:
    """List what a stand-in in another process has accepted, oldest first."""
    import requests  # noqa: PLC0415 - not needed where the stand-in runs

    answer = requests.get(f"{aws_url}{PATH}.json", timeout=10)
    answer.raise_for_status()
    return [SentMail(**one) for one in answer.json()]


def confirm_sign_up(api_url: str, aws_url: str, email: str) -> dict[str, Any]:
    """Confirm a sign-up by the link in its mail, once that has come; gives the session."""
    import requests  # noqa: PLC0415 - not needed where the stand-in runs

    def link() -> str | None:
        found = [one.text for one in read(aws_url) if one.to == email]
        match = re.search(r"/account/sign-up#(\S+)", found[-1]) if found else None
        return match[1] if match else None

    token = wait_until(link, seconds=MAIL_LIMIT_S, what=f"the mail to {email}")
    answer = requests.post(f"{api_url}/v1/auth/signup/confirm", json={"token": token}, timeout=35)
    answer.raise_for_status()
    session: dict[str, Any] = answer.json()
    return session


def with_mailbox(application: Application) -> Application:
    """Add the page to the stand-in's application."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path not in {PATH, f"{PATH}.json"} or environ.get("REQUEST_METHOD") != "GET":
            return application(environ, start_response)
        found = list(sent())
        if path == PATH:
            kind, body = "text/html; charset=utf-8", _page(found)
        else:
            kind, body = "application/json", json.dumps([asdict(one) for one in found])
        content = body.encode()
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
        ]
        start_response("200 OK", headers)
        return [content]

    return serve


def _page(found: list[SentMail]) -> str:
    messages = "".join(
        _MESSAGE.format(
            subject=html.escape(one.subject),
            to=html.escape(one.to),
            text=html.escape(one.text),
            document=html.escape(one.html),
        )
        for one in reversed(found)
    )
    return _PAGE.format(count=len(found), path=PATH, messages=messages)
