"""``youtube.channels``: whose account it is."""

from local.simulators.youtube import resources
from local.simulators.youtube.api import Call, JsonObject, Method
from local.simulators.youtube.parameters import BOOLEAN, LIST, PAGE_SIZE, STRING
from local.simulators.youtube.state import YouTubeState


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
                resources.person_channel(state, account, query.parts, is_own=account is call.account)
                for account in state.account_of_channel.values()
                if account.id.casefold() == handle
            ]
        answer = resources.list_response(
            "channelListResponse", items, total=len(items), per_page=query.page_size
        )
        if not items:
            del answer["items"]  # as YouTube does for channels
        return answer

    def _mine(self, call: Call) -> list[JsonObject]:
        account = call.account
        if account is not None and account.channel_id is None and self._state.settings.no_channel == "empty":
            return []
        return [resources.person_channel(self._state, call.caller, call.query.parts, is_own=True)]

    def _one(self, channel_id: str, call: Call) -> JsonObject | None:
        state = self._state
        account = state.account_of_channel.get(channel_id)
        if account is not None:
            return resources.person_channel(state, account, call.query.parts, is_own=account is call.account)
        if channel_id in state.channels:
            return resources.uploader_channel(state, channel_id, call.query.parts)
        return None
