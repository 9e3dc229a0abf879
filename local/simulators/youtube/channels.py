"""``youtube.channels``: whose account it is."""

from local.simulators.control import JsonObject
from local.simulators.youtube import resources
from local.simulators.youtube.api import Call, Method
from local.simulators.youtube.parameters import BOOLEAN, LIST, PAGE_SIZE, STRING
from local.simulators.youtube.state import LIKES, Account, YouTubeState


class Channels:
    """``youtube.channels``."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        return {
            "GET": Method(
                name="youtube.api.v3.V3DataChannelService.List",
                handle=self.read,
                parts=resources.CHANNEL_PARTS,
                parameters={
                    "mine": BOOLEAN,
                    "id": LIST,
                    "forHandle": STRING,
                    "forUsername": STRING,
                    "maxResults": PAGE_SIZE,
                    "pageToken": STRING,
                },
            )
        }

    async def read(self, call: Call) -> JsonObject:
        """``channels.list``."""
        query = call.query
        state = self._state
        chosen = query.only_filter("mine", "id", "forHandle", "forUsername")
        if chosen == "mine":
            items = self._mine(call)
        elif chosen == "id":
            ids = dict.fromkeys(query.lists["id"])
            items = [found for channel_id in ids if (found := self._one(channel_id, call))]
        else:
            handle = query.strings[chosen].removeprefix("@").casefold()
            items = [
                self._of(account, call)
                for account in state.account_of_channel.values()
                if account.id.casefold() == handle
            ]
        count = len(items)
        answer = resources.list_response("channelListResponse", items, total=count, per_page=query.page_size)
        if not items:
            del answer["items"]  # as YouTube does for channels
        return answer

    def _mine(self, call: Call) -> list[JsonObject]:
        account = call.account
        if account is not None and account.channel_id is None and self._state.settings.no_channel == "empty":
            return []
        return [self._of(call.caller, call)]

    def _one(self, channel_id: str, call: Call) -> JsonObject | None:
        state = self._state
        account = state.account_of_channel.get(channel_id)
        if account is not None:
            return self._of(account, call)
        if channel_id in state.channels:
            return resources.channel(state, channel_id, state.channels[channel_id], call.query.parts)
        return None

    def _of(self, account: Account, call: Call) -> JsonObject:
        assert account.channel_id is not None
        likes = LIKES if account is call.account else ""
        parts = call.query.parts
        return resources.channel(self._state, account.channel_id, account.channel_title, parts, likes)
