"""What the timer of notices does: tell what was recorded, and send what is due."""

from collections.abc import Mapping
from typing import Any

from musicconnect.notices import digest, relay
from musicconnect.notices.webhooks import deliveries_store
from musicconnect.notices.webhooks.messages import DeliveryMessage, send
from musicconnect.platform.database import Database
from musicconnect.platform.work import worker
from musicconnect.platform.work.deadline import Deadline


def on_timer(database: Database, _event: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
    """Tell people what was recorded, send digests and due deliveries; gives how many of each."""
    told, digests = relay.run(database, deadline), digest.run(database, deadline)
    sent = worker.dispatch(
        database,
        deliveries_store.claim_due,
        lambda due: send(DeliveryMessage(delivery_id=due[0], user_id=due[1], correlation_id=due[2])),
        work="webhooks",
    )
    return {"told": told, "digests": digests, "sent": sent}
