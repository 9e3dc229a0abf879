"""Write messages as mail: a text part, an HTML part, and headers that nothing can be injected into."""

import html
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from musicconnect.core.mail.content import Block, Code, Content, Link
from musicconnect.platform.text import one_line, truncate

MAX_SUBJECT_LENGTH: Final = 150
"""Characters."""
_POLICY: Final = SMTP.clone(cte_type="7bit")
_PAGE: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body style="margin:0;padding:24px;background:#f4f4f5;color:#18181b;font:16px/1.5 sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px">
{blocks}
</div>
<p style="max-width:560px;margin:16px auto;color:#52525b;font-size:13px">{footer}</p>
</body></html>
"""
_BUTTON: Final = (
    '<p><a href="{url}" style="display:inline-block;padding:10px 18px;background:#1d4ed8;color:#ffffff;'
    'border-radius:6px;text-decoration:none">{label}</a></p>\n'
    '<p style="color:#52525b;font-size:13px;overflow-wrap:anywhere">{url}</p>'
)
_CODE: Final = '<p style="font:bold 28px monospace;letter-spacing:6px">{text}</p>'


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom and to whom a message goes."""

    sender: str
    """``Name <address>``, of the deployment."""
    recipient: str
    """An address that `deliverable` gave."""
    greeting_name: str = ""
    unsubscribe_url: str | None = None


class UndeliverableError(ValueError):
    """SES takes no such address."""


def deliverable(address: str) -> str:
    """Write an address as SES takes it: the domain in Punycode, the local part in ASCII.

    Raises:
        UndeliverableError: the local part has other characters (SMTPUTF8), or the domain is none.
    """
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UndeliverableError(str(error)) from None
    if not local.isascii():
        raise UndeliverableError("the part before the @ is not ASCII")
    return f"{local}@{ascii_domain}"


def render(content: Content, envelope: Envelope) -> bytes:
    """Write a message with both parts, as RFC 5322 bytes in ASCII."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = envelope.sender
    message["To"] = envelope.recipient
    # The policy refuses line ends in headers; a name with one is written in one line instead.
    message["Subject"] = truncate(one_line(content.subject), MAX_SUBJECT_LENGTH)
    # Of no one's hands: vacation notes are not wanted (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if envelope.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{one_line(envelope.unsubscribe_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    name = one_line(envelope.greeting_name)
    blocks: list[Block] = [f"Hello {name}," if name else "Hello,", *content.blocks]
    footer = "This mail was sent by MusicConnect."
    message.set_content(_text(blocks, footer, envelope.unsubscribe_url), cte="quoted-printable")
    message.add_alternative(
        _html(content.subject, blocks, footer, envelope.unsubscribe_url),
        subtype="html",
        cte="quoted-printable",
    )
    return message.as_bytes()


def _text(blocks: list[Block], footer: str, unsubscribe_url: str | None) -> str:
    parts = [_text_of(block) for block in blocks]
    end = f"--\n{footer}"
    if unsubscribe_url is not None:
        end += f"\nNo more of these: {unsubscribe_url}"
    return "\n\n".join([*parts, end]) + "\n"


def _text_of(block: Block) -> str:
    match block:
        case Link(label, url):
            return f"{label}:\n{url}"
        case Code(text):
            return f"    {text}"
        case _:
            return block


def _html(title: str, blocks: list[Block], footer: str, unsubscribe_url: str | None) -> str:
    end = html.escape(footer)
    if unsubscribe_url is not None:
        end += f' <a href="{html.escape(unsubscribe_url)}" style="color:#52525b">No more of these</a>'
    return _PAGE.format(
        title=html.escape(one_line(title)), blocks="\n".join(map(_html_of, blocks)), footer=end
    )


def _html_of(block: Block) -> str:
    match block:
        case Link(label, url):
            return _BUTTON.format(url=html.escape(url), label=html.escape(label))
        case Code(text):
            return _CODE.format(text=html.escape(text))
        case _:
            return f"<p>{html.escape(block)}</p>"
