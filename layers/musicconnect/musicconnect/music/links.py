"""Parse the links that people share. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from musicconnect.music.model import ItemType, ProviderName

MAX_LENGTH = 2000
"""Characters."""
MAX_FIELDS = 50
"""Of a query string."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What is no text: NUL, and halves of surrogate pairs."""
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
_VIDEO_ID = re.compile(r"[0-9A-Za-z_-]{11}")
_PLAYLIST_ID = re.compile(r"[0-9A-Za-z_-]{2,64}")
_CHANNEL_ID = re.compile(r"UC[0-9A-Za-z_-]{22}")
_HANDLE = re.compile(r"@[\w.·-]{1,60}")
_LANGUAGE = re.compile(r"intl-[a-z]{2,3}(?:-[a-z]{2,4})?", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TIME = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)

_SPOTIFY_TYPES = {kind.value: kind for kind in ItemType if kind is not ItemType.VIDEO}
_SPOTIFY_OTHERS = frozenset({"episode", "show", "user", "audiobook", "chapter", "concert", "prerelease"})
_SPOTIFY_HOSTS = frozenset({"open.spotify.com", "play.spotify.com", "embed.spotify.com", "www.spotify.com"})
_SHORT_HOSTS = frozenset({"spotify.link", "spotify.app.link", "link.tospotify.com", "tidal.link"})
_YOUTUBE_HOSTS = frozenset(
    {
        "youtube.com",
        "m.youtube.com",
        "music.youtube.com",
        "gaming.youtube.com",
        "youtube-nocookie.com",
        "youtu.be",
    }
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"\d{1,18}")
_VIDEO_PATHS = frozenset({"shorts", "embed", "live", "v", "e", "watch", "vi"})
_PERSONAL_LISTS = frozenset({"LL", "LM", "WL", "HL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link leads to."""

    provider: ProviderName
    type: ItemType
    id: str
    """As the provider's API takes it; of a channel also its handle, with the @."""
    start_seconds: int | None = None
    """Where in the video to begin."""
    playlist_id: str | None = None
    """The list that the video is shown in."""


@dataclass(frozen=True, slots=True)
class _Site:
    """A provider whose addresses say what kind of thing they lead to, and then its id."""

    provider: ProviderName
    title: str
    hosts: frozenset[str]
    kinds: Mapping[str, tuple[ItemType, re.Pattern[str]]]
    """By what stands in the path, in the singular or in the plural."""


_SITES = (
    _Site(
        provider="tidal",
        title="TIDAL",
        hosts=frozenset({"tidal.com", "listen.tidal.com", "embed.tidal.com", "desktop.tidal.com"}),
        kinds={
            "track": (ItemType.TRACK, _NUMBER),
            "album": (ItemType.ALBUM, _NUMBER),
            "artist": (ItemType.ARTIST, _NUMBER),
            "playlist": (ItemType.PLAYLIST, _UUID),
        },
    ),
    _Site(
        provider="listenbrainz",
        title="ListenBrainz",
        hosts=frozenset({"listenbrainz.org", "musicbrainz.org"}),
        kinds={
            "recording": (ItemType.TRACK, _UUID),
            "track": (ItemType.TRACK, _UUID),
            "playlist": (ItemType.PLAYLIST, _UUID),
        },
    ),
)
_SITE_OF = {host: site for site in _SITES for host in site.hosts}
_TITLES = ["Spotify", "YouTube", *(site.title for site in _SITES)]
_UNKNOWN_SITE = f"Only links of {', '.join(_TITLES[:-1])} and {_TITLES[-1]} can be resolved."


class LinkError(ValueError):
    """A text that leads nowhere that we know.

    Args:
        reason: A stable word for programs: ``not-a-link``, ``unknown-site``, ``bad-id``, ``not-music``,
            ``short-link``, ``personal-list``, ``name-only``.
        message: What is the matter and what to do, in a sentence or two.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def parse(text: str) -> Link:
    """Parse a link of a provider, in any form in which they hand them out.

    Raises:
        LinkError: it is none of them.
    """
    text = text.strip().strip("<>\"'").strip()
    if not text or len(text) > MAX_LENGTH or _UNSTORABLE.search(text):
        raise _not_a_link()
    scheme = _SCHEME.match(text)
    name = scheme[0].lower() if scheme else ""
    if name == "spotify:":
        return _spotify_uri(text)
    if name == "vnd.youtube:":
        return _app_link(text)
    if name == "tidal:":
        return _typed(_SITE_OF["tidal.com"], _segments(text.partition(":")[2].partition("?")[0]))
    if name in {"http:", "https:"}:
        return _parse_url(text)
    # Without a scheme, as people type it. "host:80/..." looks like a scheme and is none.
    if name and "." not in name:
        raise LinkError("unknown-site", _UNKNOWN_SITE)
    return _parse_url(f"https://{text.removeprefix('//')}")


def _parse_url(text: str) -> Link:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removesuffix(".").removeprefix("www.")
        parse_qs(parts.query, max_num_fields=MAX_FIELDS)
    except ValueError:  # brackets that hold no address, more fields than any link has
        raise _not_a_link() from None
    if "." not in host or not _HOST.fullmatch(host):
        raise _not_a_link()
    if host in _SPOTIFY_HOSTS:
        return _spotify(parts)
    if host in _YOUTUBE_HOSTS:
        return _youtube(host, parts)
    if host in _SITE_OF:
        return _typed(_SITE_OF[host], _segments(parts.path))
    if host in _SHORT_HOSTS:
        raise LinkError(
            "short-link", "A short link says nothing by itself. Open it, and send the address it leads to."
        )
    raise LinkError("unknown-site", _UNKNOWN_SITE)


def _segments(path: str) -> list[str]:
    return [unquote(part) for part in path.split("/") if part]


def _spotify_uri(text: str) -> Link:
    return _spotify_path([unquote(part) for part in text.split("?", maxsplit=1)[0].split(":")[1:] if part])


def _spotify(parts: SplitResult) -> Link:
    segments = _segments(parts.path)
    query = parse_qs(parts.query)
    if "uri" in query and query["uri"][0].startswith("spotify:"):  # the older form of players in pages
        return _spotify_uri(query["uri"][0])
    while segments and (segments[0].lower() == "embed" or _LANGUAGE.fullmatch(segments[0])):
        segments = segments[1:]
    return _spotify_path(segments)


def _spotify_path(segments: Sequence[str]) -> Link:
    if len(segments) >= 4 and segments[0] == "user" and segments[2] == "playlist":
        segments = segments[2:]  # as playlists were addressed until 2018
    kind = segments[0].lower() if segments else ""
    if kind in _SPOTIFY_OTHERS or kind == "collection":
        raise LinkError("not-music", "The link leads to something that has no counterpart elsewhere.")
    if kind not in _SPOTIFY_TYPES or len(segments) < 2:
        raise LinkError(
            "not-music", "The link leads to Spotify, but not to a track, album, artist or playlist."
        )
    return Link(
        provider="spotify", type=_SPOTIFY_TYPES[kind], id=_checked(_SPOTIFY_ID, segments[1], "Spotify")
    )


def _typed(site: _Site, segments: Sequence[str]) -> Link:
    if segments and segments[0].lower() == "browse":
        segments = segments[1:]
    if len(segments) >= 4 and segments[0] == "album" and segments[2] == "track":
        segments = segments[2:]
    kind, form = site.kinds.get(segments[0].lower().removesuffix("s") if segments else "", (None, _UUID))
    if kind is None or len(segments) < 2:
        kinds = list(dict.fromkeys(known.value for known, _ in site.kinds.values()))
        leads_to = f"{', '.join(kinds[:-1])} or {kinds[-1]}"
        raise LinkError("not-music", f"The link leads to {site.title}, but not to a {leads_to}.")
    return Link(provider=site.provider, type=kind, id=_checked(form, segments[1].lower(), site.title))


def _app_link(text: str) -> Link:
    rest = text.partition(":")[2].removeprefix("//")
    if rest.lower().startswith(("www.youtube.com", "youtube.com", "m.youtube.com")):
        return _parse_url(f"https://{rest}")
    video_id = re.split(r"[?&#/]", rest.removeprefix("watch?v="), maxsplit=1)[0]
    return Link(provider="youtube", type=ItemType.VIDEO, id=_checked(_VIDEO_ID, video_id, "YouTube"))


def _youtube(host: str, parts: SplitResult) -> Link:
    segments = _segments(parts.path)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    first = segments[0] if segments else ""
    if host == "youtu.be":
        return _video(first, query, parts.fragment)
    if first == "attribution_link" and query.get("u", "").startswith("/"):
        inner = urlsplit(f"https://youtube.com{query['u']}")
        return (
            _youtube("youtube.com", inner) if not inner.path.startswith("/attribution_link") else _not_music()
        )
    if first == "watch" and "v" in query:
        return _video(query["v"], query, parts.fragment)
    if first == "embed" and segments[1:] == ["videoseries"] and "list" in query:
        return _playlist(query["list"])
    if first in _VIDEO_PATHS and len(segments) > 1:
        return _video(segments[1], query, parts.fragment)
    if first in {"playlist", "watch"} and "list" in query:
        return _playlist(query["list"])
    if first == "browse" and len(segments) > 1 and segments[1].startswith("VL"):
        return _playlist(segments[1].removeprefix("VL"))
    if first in {"channel", "browse"} and len(segments) > 1 and segments[1].startswith("UC"):
        return Link(
            provider="youtube", type=ItemType.ARTIST, id=_checked(_CHANNEL_ID, segments[1], "YouTube")
        )
    if first.startswith("@"):
        return Link(provider="youtube", type=ItemType.ARTIST, id=_checked(_HANDLE, first, "YouTube"))
    if first in {"c", "user"}:
        raise LinkError(
            "name-only",
            "YouTube cannot be asked by that name. Send the channel's address with /channel/ or with its @.",
        )
    return _not_music()


def _not_music() -> Link:
    raise LinkError("not-music", "The link leads to YouTube, but not to a video, playlist or channel.")


def _video(video_id: str, query: dict[str, str], fragment: str) -> Link:
    listed = query.get("list", "")
    start = query.get("t") or query.get("start") or query.get("time_continue") or ""
    if not start and fragment.startswith("t="):
        start = fragment[2:]
    return Link(
        provider="youtube",
        type=ItemType.VIDEO,
        id=_checked(_VIDEO_ID, video_id, "YouTube"),
        start_seconds=_seconds(start),
        playlist_id=listed if _PLAYLIST_ID.fullmatch(listed) and listed not in _PERSONAL_LISTS else None,
    )


def _playlist(playlist_id: str) -> Link:
    if playlist_id in _PERSONAL_LISTS:
        raise LinkError("personal-list", "That list is another one for everybody who opens it.")
    return Link(provider="youtube", type=ItemType.PLAYLIST, id=_checked(_PLAYLIST_ID, playlist_id, "YouTube"))


def _seconds(text: str) -> int | None:
    """Seconds of ``90``, ``90s``, ``1m30s``, ``1h2m3s``; None for what is no time, or no time at all."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds or None


def _checked(pattern: re.Pattern[str], item_id: str, site: str) -> str:
    if not pattern.fullmatch(item_id):
        raise LinkError("bad-id", f"The link leads to {site}, but what it names cannot be an id there.")
    return item_id


def _not_a_link() -> LinkError:
    return LinkError("not-a-link", "That is no link. Send the address of a track, video, album or playlist.")
