"""Every form in which Spotify and YouTube hand out links, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.music.links import Link, LinkError, parse
from musicconnect.music.model import ItemType
from musicconnect.providers import registry

TRACK = "11dFghVXANMlKmJXsNCbNl"
ALBUM = "0tGPJ0bkWOUmH7MEOR77qc"
VIDEO = "dQw4w9WgXcQ"
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"
CHANNEL = "UCuAXFkgsw1L7xaCfnd5JJOw"


def spotify(kind: str, item_id: str = TRACK) -> Link:
    return Link(provider="spotify", type=ItemType(kind), id=item_id)


def video(start: int | None = None, playlist: str | None = None) -> Link:
    return Link(provider="youtube", type=ItemType.VIDEO, id=VIDEO, start_seconds=start, playlist_id=playlist)


def youtube(kind: str, item_id: str) -> Link:
    return Link(provider="youtube", type=ItemType(kind), id=item_id)


LINKS = {
    # Spotify
    f"https://open.spotify.com/track/{TRACK}": spotify("track"),
    f"https://open.spotify.com/track/{TRACK}?si=0123456789abcdef": spotify("track"),
    f"https://open.spotify.com/track/{TRACK}?si=0123&context=spotify%3Aplaylist%3A{ALBUM}": spotify("track"),
    f"https://open.spotify.com/intl-de/track/{TRACK}": spotify("track"),
    f"https://open.spotify.com/intl-pt-br/track/{TRACK}?si=x": spotify("track"),
    f"https://open.spotify.com/INTL-fr/track/{TRACK}/": spotify("track"),
    f"http://open.spotify.com/track/{TRACK}#0:42": spotify("track"),
    f"https://open.spotify.com/embed/track/{TRACK}?utm_source=generator&theme=0": spotify("track"),
    f"https://open.spotify.com/embed/intl-de/track/{TRACK}": spotify("track"),
    f"https://open.spotify.com/embed?uri=spotify:track:{TRACK}": spotify("track"),
    f"https://embed.spotify.com/?uri=spotify%3Atrack%3A{TRACK}": spotify("track"),
    f"https://play.spotify.com/track/{TRACK}": spotify("track"),
    f"HTTPS://OPEN.SPOTIFY.COM/track/{TRACK}": spotify("track"),
    f"open.spotify.com/track/{TRACK}": spotify("track"),
    f"//open.spotify.com/track/{TRACK}": spotify("track"),
    f"open.spotify.com:443/track/{TRACK}": spotify("track"),
    f"https://open.spotify.com./track/{TRACK}": spotify("track"),
    f"  <https://open.spotify.com/track/{TRACK}>\n": spotify("track"),
    f'"https://open.spotify.com/track/{TRACK}"': spotify("track"),
    f"https://open.spotify.com/album/{ALBUM}": spotify("album", ALBUM),
    f"https://open.spotify.com/album/{ALBUM}?highlight=spotify:track:{TRACK}": spotify("album", ALBUM),
    f"https://open.spotify.com/artist/{ALBUM}": spotify("artist", ALBUM),
    f"https://open.spotify.com/playlist/{ALBUM}?si=1&pt=2": spotify("playlist", ALBUM),
    f"https://open.spotify.com/user/ada/playlist/{ALBUM}": spotify("playlist", ALBUM),
    f"https://open.spotify.com/user/ada%20b/playlist/{ALBUM}": spotify("playlist", ALBUM),
    f"spotify:track:{TRACK}": spotify("track"),
    f"SPOTIFY:track:{TRACK}": spotify("track"),
    f"spotify:track:{TRACK}?si=abc": spotify("track"),
    f"spotify:album:{ALBUM}": spotify("album", ALBUM),
    f"spotify:artist:{ALBUM}": spotify("artist", ALBUM),
    f"spotify:playlist:{ALBUM}": spotify("playlist", ALBUM),
    f"spotify:user:ada:playlist:{ALBUM}": spotify("playlist", ALBUM),
    # YouTube
    f"https://www.youtube.com/watch?v={VIDEO}": video(),
    f"https://youtube.com/watch?v={VIDEO}&feature=share": video(),
    f"https://m.youtube.com/watch?app=desktop&v={VIDEO}": video(),
    f"https://music.youtube.com/watch?v={VIDEO}&si=abc": video(),
    f"https://www.youtube.com/watch?v={VIDEO}&list={LIST}&index=3": video(playlist=LIST),
    f"https://www.youtube.com/watch?list={LIST}&v={VIDEO}": video(playlist=LIST),
    f"https://music.youtube.com/watch?v={VIDEO}&list=RDAMVM{VIDEO}": video(playlist=f"RDAMVM{VIDEO}"),
    f"https://www.youtube.com/watch?v={VIDEO}&list=WL": video(),
    f"https://www.youtube.com/watch?v={VIDEO}&list=%3Cscript%3E": video(),
    f"https://www.youtube.com/watch?v={VIDEO}&t=90": video(90),
    f"https://www.youtube.com/watch?v={VIDEO}&t=90s": video(90),
    f"https://www.youtube.com/watch?v={VIDEO}&t=1m30s": video(90),
    f"https://www.youtube.com/watch?v={VIDEO}&t=1h2m3s": video(3723),
    f"https://www.youtube.com/watch?v={VIDEO}&t=0s": video(),
    f"https://www.youtube.com/watch?v={VIDEO}&t=soon": video(),
    f"https://www.youtube.com/watch?v={VIDEO}#t=1m1s": video(61),
    f"https://www.youtube.com/embed/{VIDEO}?start=42": video(42),
    f"https://www.youtube-nocookie.com/embed/{VIDEO}": video(),
    f"https://www.youtube.com/embed/videoseries?list={LIST}": youtube("playlist", LIST),
    f"https://www.youtube.com/shorts/{VIDEO}": video(),
    f"https://youtube.com/shorts/{VIDEO}?feature=share&t=5": video(5),
    f"https://www.youtube.com/live/{VIDEO}?si=x": video(),
    f"https://www.youtube.com/v/{VIDEO}": video(),
    f"https://www.youtube.com/e/{VIDEO}": video(),
    f"https://www.youtube.com/watch/{VIDEO}": video(),
    f"https://youtu.be/{VIDEO}": video(),
    f"https://youtu.be/{VIDEO}?si=abc&t=43": video(43),
    f"https://youtu.be/{VIDEO}?list={LIST}": video(playlist=LIST),
    f"http://YOUTU.BE/{VIDEO}/": video(),
    f"youtu.be/{VIDEO}": video(),
    f"www.youtube.com/watch?v={VIDEO}": video(),
    f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{VIDEO}%26feature%3Dshare": video(),
    f"vnd.youtube:{VIDEO}": video(),
    f"vnd.youtube://{VIDEO}?t=3": video(),
    f"vnd.youtube://www.youtube.com/watch?v={VIDEO}": video(),
    f"https://www.youtube.com/playlist?list={LIST}": youtube("playlist", LIST),
    f"https://music.youtube.com/playlist?list=OLAK5uy_{'a' * 33}": youtube("playlist", f"OLAK5uy_{'a' * 33}"),
    f"https://music.youtube.com/browse/VL{LIST}": youtube("playlist", LIST),
    f"https://www.youtube.com/channel/{CHANNEL}": youtube("artist", CHANNEL),
    f"https://music.youtube.com/channel/{CHANNEL}?feature=share": youtube("artist", CHANNEL),
    f"https://music.youtube.com/browse/{CHANNEL}": youtube("artist", CHANNEL),
    "https://www.youtube.com/@KestrelParade": youtube("artist", "@KestrelParade"),
    "https://www.youtube.com/@KestrelParade/videos": youtube("artist", "@KestrelParade"),
    "https://www.youtube.com/%40kestrel.parade-1": youtube("artist", "@kestrel.parade-1"),
}  # fmt: skip


@pytest.mark.parametrize("text", LINKS)
def test_a_link_is_read(text: str) -> None:
    assert parse(text) == LINKS[text]


NO_LINKS = {
    "": "not-a-link",
    "   ": "not-a-link",
    "salt and signal": "not-a-link",
    TRACK: "not-a-link",
    "https://": "not-a-link",
    "https://[::1": "not-a-link",
    "https://localhost/track": "not-a-link",
    "x" * 2001: "not-a-link",
    f"https://open.spotify.com/track/{TRACK}\x00": "not-a-link",
    f"https://open.spotify.com/track/{TRACK}\ud800": "not-a-link",
    f"https://open.spotify.com/track/{TRACK}?" + "a=1&" * 60: "not-a-link",
    f"https://open.spotify.com@evil.example/track/{TRACK}": "unknown-site",
    f"https://evil.example/open.spotify.com/track/{TRACK}": "unknown-site",
    f"https://open.spotify.com.evil.example/track/{TRACK}": "unknown-site",
    f"https://notyoutube.com/watch?v={VIDEO}": "unknown-site",
    "https://music.apple.com/de/album/x/1?i=2": "unknown-site",
    "javascript:alert(1)": "unknown-site",
    f"ftp://open.spotify.com/track/{TRACK}": "unknown-site",
    "https://spotify.link/abcdef": "short-link",
    "https://spotify.app.link/abcdef": "short-link",
    "https://open.spotify.com/": "not-music",
    "https://open.spotify.com/search/salt": "not-music",
    "https://open.spotify.com/collection/tracks": "not-music",
    f"https://open.spotify.com/episode/{TRACK}": "not-music",
    f"https://open.spotify.com/show/{TRACK}": "not-music",
    "https://open.spotify.com/user/ada": "not-music",
    "https://open.spotify.com/track": "not-music",
    "spotify:": "not-music",
    "spotify:track": "not-music",
    f"spotify:local:a:b:c:{TRACK}": "not-music",
    "https://open.spotify.com/track/short": "bad-id",
    f"https://open.spotify.com/track/{TRACK}x": "bad-id",
    "https://open.spotify.com/track/" + "%00" * 22: "bad-id",
    f"spotify:track:{TRACK[:-1]}/": "bad-id",
    "https://www.youtube.com/": "not-music",
    "https://www.youtube.com/results?search_query=salt": "not-music",
    "https://www.youtube.com/watch": "not-music",
    "https://www.youtube.com/playlist": "not-music",
    "https://www.youtube.com/feed/history": "not-music",
    "https://www.youtube.com/attribution_link?u=%2Fattribution_link%3Fu%3Dx": "not-music",
    "https://www.youtube.com/attribution_link?u=https%3A%2F%2Fevil.example": "not-music",
    "https://music.youtube.com/browse/MPREb_abc": "not-music",
    "https://www.youtube.com/watch?v=short": "bad-id",
    f"https://www.youtube.com/watch?v={VIDEO}x": "bad-id",
    f"https://youtu.be/{VIDEO[:-1]}'": "bad-id",
    "https://youtu.be/": "bad-id",
    "https://www.youtube.com/channel/UCshort": "bad-id",
    "https://www.youtube.com/playlist?list=a%20b": "bad-id",
    "https://www.youtube.com/playlist?list=WL": "personal-list",
    "https://www.youtube.com/playlist?list=LL": "personal-list",
    "https://www.youtube.com/c/KestrelParade": "name-only",
    "https://www.youtube.com/user/KestrelParade": "name-only",
}  # fmt: skip


@pytest.mark.parametrize("text", NO_LINKS, ids=lambda text: ascii(text[:60]))
def test_what_is_no_link_of_theirs_is_told_why(text: str) -> None:
    with pytest.raises(LinkError) as told:
        parse(text)
    assert told.value.reason == NO_LINKS[text]
    assert told.value.message.endswith(".")


@given(st.text(max_size=200) | st.text("spotifyu.be:/?&=@%com-0aZ", max_size=80).map("https://".__add__))
def test_any_text_is_a_link_or_told_why(text: str) -> None:
    try:
        found = parse(text)
    except LinkError:
        return
    assert found.provider in registry.PROVIDERS


@pytest.mark.parametrize(
    "link", [link for link in dict.fromkeys(LINKS.values()) if not link.id.startswith("@")], ids=str
)
def test_the_plain_form_of_a_link_leads_to_the_same(link: Link) -> None:
    again = parse(registry.get(link.provider).address(link.type, link.id))
    assert (again.provider, again.type, again.id) == (link.provider, link.type, link.id)
