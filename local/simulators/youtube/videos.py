"""``youtube.videos``: everything about known videos, 50 at a time."""

from collections.abc import Sequence

from local.simulators.control import JsonObject
from local.simulators.youtube import errors, resources
from local.simulators.youtube.api import Call, Method
from local.simulators.youtube.parameters import LIST, STRING, Parameter, one_of
from local.simulators.youtube.state import Account, Video, YouTubeState

_ID_LIMIT = 50


class Videos:
    """``youtube.videos``."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """By HTTP method."""
        return {
            "GET": Method(
                name="youtube.api.v3.V3DataVideoService.List",
                handle=self.read,
                parts=resources.VIDEO_PARTS,
                parameters={
                    "id": LIST,
                    "myRating": one_of("like", "dislike", "none"),
                    "chart": one_of("mostPopular"),
                    "videoCategoryId": STRING,
                    "regionCode": STRING,
                    "maxResults": Parameter("integer", 1, 50),
                    "pageToken": STRING,
                },
            )
        }

    def rate_methods(self) -> dict[str, Method]:
        """Of ``videos/rate``, by HTTP method."""
        return {
            "POST": Method(
                name="youtube.api.v3.V3DataVideoService.Rate",
                handle=self.rate,
                parameters={"id": STRING, "rating": one_of("like", "dislike", "none")},
                cost=50,
                writes=True,
                needs_part=False,
            )
        }

    async def rate(self, call: Call) -> None:
        """``videos.rate``: liked videos are listed in ``LL``, the last one first. Idempotent."""
        video_id, rating = call.query.strings.get("id"), call.query.strings.get("rating")
        for name, value in (("id", video_id), ("rating", rating)):
            if not value:
                raise errors.missing_parameter(name)
        caller = call.caller
        video = self._state.videos.get(str(video_id))
        if video is None or not video.is_shown_to(caller):
            raise errors.error("video_not_found")
        liked = caller.liked
        assert liked is not None
        known = next((item for item in liked.items if item.video_id == video_id), None)
        if rating == "like" and known is None:
            self._state.add_item(liked, str(video_id), position=0)
        elif rating != "like" and known is not None:
            self._state.remove_item(liked, known)

    async def read(self, call: Call) -> JsonObject:
        """``videos.list``. Unknown ids, deleted videos and others' private ones are simply missing."""
        query = call.query
        chosen = query.only_filter("id", "myRating", "chart")
        if chosen == "id":
            ids = list(dict.fromkeys(query.lists["id"]))
            if len(ids) > _ID_LIMIT:
                raise errors.bad_filters(
                    "invalidFilters", "The request specifies an invalid filter parameter: id."
                )
            found = self._listed(ids, call.account)
            items = [resources.video(video, query.parts) for video in found]
            return resources.list_response("videoListResponse", items, total=len(items), per_page=len(items))
        if chosen == "myRating":
            liked = call.caller.liked
            ids = [item.video_id for item in liked.items] if liked and query.strings[chosen] == "like" else []
        else:
            by_views = sorted(self._state.videos.values(), key=lambda video: -video.upload.view_count)
            category = query.strings.get("videoCategoryId", "0")
            ids = [v.upload.video_id for v in by_views if category in ("0", v.upload.category_id)]
        context = ("videos", chosen, call.account.id if call.account else None)
        return resources.page_response(
            "videoListResponse",
            query,
            context,
            self._listed(ids, call.account),
            lambda _, video: resources.video(video, query.parts),
        )

    def _listed(self, ids: Sequence[str], viewer: Account | None) -> list[Video]:
        videos = self._state.videos
        return [video for video_id in ids if (video := videos.get(video_id)) and video.is_shown_to(viewer)]
