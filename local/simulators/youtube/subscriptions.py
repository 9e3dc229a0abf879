"""``youtube.subscriptions``: which channels a person follows."""

from typing import Any

from local.simulators.control import JsonObject
from local.simulators.youtube import errors, resources
from local.simulators.youtube.api import Call, Method
from local.simulators.youtube.parameters import BOOLEAN, LIST, PAGE_SIZE, STRING, one_of
from local.simulators.youtube.playlists import WRITE_COST
from local.simulators.youtube.state import Account, Subscription, YouTubeState

_SERVICE = "youtube.api.v3.V3DataSubscriptionService"


class Subscriptions:
    """The three methods."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        parts = resources.SUBSCRIPTION_PARTS
        reading = {
            "mine": BOOLEAN,
            "forChannelId": STRING,
            "id": LIST,
            "order": one_of("relevance", "unread", "alphabetical"),
            "maxResults": PAGE_SIZE,
            "pageToken": STRING,
        }
        writing: Any = {"cost": WRITE_COST, "writes": True}
        return {
            "GET": Method(name=f"{_SERVICE}.List", handle=self.read, parts=parts, parameters=reading),
            "POST": Method(
                name=f"{_SERVICE}.Insert", handle=self.insert, parts=parts, has_body=True, **writing
            ),
            "DELETE": Method(
                name=f"{_SERVICE}.Delete",
                handle=self.delete,
                parameters={"id": STRING},
                needs_part=False,
                **writing,
            ),
        }

    async def read(self, call: Call) -> JsonObject:
        """``subscriptions.list``: the caller's own, all or those to some channels."""
        query, account = call.query, call.caller
        query.only_filter("mine", "id")
        found = self._visible(account, fresh="pageToken" not in query.strings)
        if ids := query.lists.get("id"):
            found = [one for one in found if one.id in ids]
        if channels := query.strings.get("forChannelId"):
            found = [one for one in found if one.channel_id in channels.split(",")]
        if query.strings.get("order") == "alphabetical":
            found.sort(key=lambda one: (self._state.channel_title(one.channel_id).casefold(), one.id))
        return resources.page_response(
            "subscriptionListResponse",
            query,
            ("subscriptions", account.id),
            found,
            lambda _, one: resources.subscription(self._state, account, one, query.parts),
        )

    def _visible(self, account: Account, *, fresh: bool) -> list[Subscription]:
        """What the list shows by now."""
        lag = account.subscription_lag
        if fresh:
            lag.read()
        lag.hides_any(self._state.clock.timestamp())
        return [one for one in account.subscriptions.values() if not lag.hides(one.id)]

    async def insert(self, call: Call) -> JsonObject:
        """``subscriptions.insert``."""
        state, account = self._state, call.caller
        resource = (call.body.get("snippet") or {}).get("resourceId") or {}
        channel_id = resource.get("channelId")
        if not isinstance(channel_id, str) or not channel_id:
            raise errors.error("publisher_required")
        if channel_id == account.channel_id:
            raise errors.subscription_forbidden("Subscribing to your own channel is not supported.")
        if channel_id not in state.channels and channel_id not in state.account_of_channel:
            raise errors.error("publisher_not_found")
        if channel_id in account.subscriptions:
            raise errors.error("subscription_duplicate")
        limit = state.settings.subscriptions_limit
        if limit is not None and len(account.subscriptions) >= limit:
            raise errors.subscription_forbidden("You have reached your maximum number of subscriptions.")
        made = state.subscribe(account, channel_id)
        account.subscription_lag.hide(
            made.id, state.clock.timestamp(), lag_ms=0, reads=state.settings.subscription_lag_reads
        )
        return resources.subscription(state, account, made, call.query.parts)

    async def delete(self, call: Call) -> None:
        """``subscriptions.delete``: by the id of the subscription, not of the channel."""
        wanted = call.query.strings.get("id")
        if not wanted:
            raise errors.missing_parameter("id")
        for channel_id, one in call.caller.subscriptions.items():
            if one.id == wanted:
                del call.caller.subscriptions[channel_id]
                return
        raise errors.error("subscription_not_found")
