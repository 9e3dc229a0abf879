"""Sends mail: a message per mail; the timer sends what is due. A second queue has what SES says of it."""

from collections.abc import Mapping
from typing import Any

from musicconnect.core.mail import feedback
from musicconnect.core.mail.messages import MailMessage
from musicconnect.core.mail.templates import TEMPLATES
from musicconnect.core.mail.worker import MailWorker
from musicconnect.core.verification import preparation
from musicconnect.core.verification.service import TEMPLATE
from musicconnect.notices import mail as notices
from musicconnect.platform import config
from musicconnect.platform.work.worker import Worker

_outbox = MailWorker(TEMPLATES | notices.TEMPLATES, {TEMPLATE: preparation.prepare})
_deliver = Worker(MailMessage, _outbox.deliver, _outbox.on_timer)
_record = Worker(feedback.MailEvent, feedback.record)


def handler(event: dict[str, Any], context: Any) -> Mapping[str, Any]:
    """Handle one invocation; a batch is of one queue."""
    source = (event.get("Records") or [{}])[0].get("eventSourceARN", "")
    is_feedback = source.rpartition(":")[2] == config.require("MAIL_FEEDBACK_QUEUE_NAME")
    return (_record if is_feedback else _deliver)(event, context)
