"""What notices look like as mail: one alone, or a day's in a digest. Rendered when they are sent. Pure.

Nothing that a provider said stands in a mail: ids and numbers do (docs/compliance.md).
"""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.core.mail.content import Block, Content, Link, MailTemplate
from musicconnect.notices import status_text
from musicconnect.platform.status import Reader, Status, plural

NOTICE: Final = "notice"
"""Of one notice: ``code``, ``params``, and ``url`` of the console where it is known."""
DIGEST: Final = "notice-digest"
"""Of several: ``notices``, each with ``code``, ``params`` and ``occurred_at``."""
MAX_IN_DIGEST: Final = 100
"""Notices that a digest tells one by one."""


def _notice(params: Mapping[str, Any], reader: Reader) -> Content:
    code = params["code"]
    blocks: list[Block] = [status_text.text_of(Status(code, params["params"]), reader)]
    if url := params.get("url"):
        blocks.append(Link("See it in MusicConnect", url))
    return Content(status_text.TITLES[code], blocks)


def _digest(params: Mapping[str, Any], reader: Reader) -> Content:
    notices, total = params["notices"], params["total"]
    blocks: list[Block] = [
        f"{reader.time(one['occurred_at'])}: "
        f"{status_text.text_of(Status(one['code'], one['params']), reader)}"
        for one in notices
    ]
    if more := total - len(notices):
        blocks.append(f"And {more:,} more in your list.")
    if url := params.get("url"):
        blocks.append(Link("See them in MusicConnect", url))
    return Content(f"{plural(total, 'notice')} from MusicConnect", blocks)


TEMPLATES: Final[dict[str, MailTemplate]] = {
    NOTICE: MailTemplate(_notice),
    DIGEST: MailTemplate(_digest),
}
"""By code."""
