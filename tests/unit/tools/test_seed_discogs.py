"""What a dump of releases names, in the form in which it is published; every release here is made up."""

import gzip
import io
from dataclasses import replace
from typing import Any

import pytest

from musicconnect.matching import normal_form
from musicconnect.music.model import Track
from tools.seed import discogs
from tools.seed.discogs import Block, CutError

RELEASE = (
    '<release id="9900001" status="Accepted"><artists><artist><id>77001</id><name>Vela Nord (2)</name>'
    "<anv>Vela N.</anv><join>&amp;</join><role/><tracks/></artist><artist><id>77002</id><name>Ito K.</name>"
    "<anv/><join/><role/><tracks/></artist></artists><title>Glass Harbour</title>"
    "<released>2011-04-00</released><tracklist>"
    "<track><position>1</position><title>Low Tide</title><duration>4:12</duration></track>"
    "<track><position>2</position><title>Low</title><duration>2:00</duration></track>"
    "<track><position/><title>Suite</title><duration/><sub_tracks>"
    "<track><position>2.1</position><title>North Pier</title><duration>3:05</duration></track>"
    "<track><position>2.2</position><title>South Pier</title><duration/></track></sub_tracks></track>"
    "<track><position>3</position><title>Guest Song</title><duration>1:01:00</duration>"
    "<artists><artist><id>5</id><name>Wren Abelard</name><anv/><join/><role/><tracks/></artist></artists>"
    "</track></tracklist>{videos}</release>"
)


def video(video_id: str, seconds: int, title: str) -> str:
    src = f"https://www.youtube.com/watch?v={video_id}"
    return (
        f'<video src="{src}" duration="{seconds}" embed="true"><title>{title}</title>'
        "<description>Text of the uploader</description></video>"
    )


def named(*videos: str) -> set[tuple[str, str]]:
    """Artist and title that each video is named for, by its id."""
    content = RELEASE.replace("{videos}", f"<videos>{''.join(videos)}</videos>" if videos else "")
    keys = {
        normal_form(Track(provider="x", id="", title=title, artists=(artist,))): f"{artist} / {title}"
        for artist in ("Vela Nord", "Vela N.", "Wren Abelard")
        for title in ("Low Tide", "Low", "North Pier", "South Pier", "Guest Song", "Suite")
    }
    found = discogs.read(Block(0, content.encode()))
    assert (found.releases, found.bad) == (1, 0)
    return {(video_id, keys[key]) for key, video_id, _ in found.rows}


def test_a_video_is_taken_where_title_and_length_name_one_track() -> None:
    assert named(video("AAAAAAAAAA1", 253, "Vela Nord &amp; Ito K. - Low Tide (Official)")) == {
        ("AAAAAAAAAA1", "Vela Nord / Low Tide"), ("AAAAAAAAAA1", "Vela N. / Low Tide"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "one",
    [
        video("AAAAAAAAAA1", 290, "Vela Nord - Low Tide"),  # of another length
        video("AAAAAAAAAA1", 253, "Vela Nord - Another Song"),
        video("AAAAAAAAAA1", 4000, "Vela Nord - Glass Harbour (Full Album) Low Tide"),
        video("AAAAAAAAAA1", 0, "Vela Nord - Low Tide live"),  # no length, and more than the title
        video("AAAAAAAAAA1", 200, "Vela Nord - North Pier / South Pier"),  # two of them
        video("AAAA", 253, "Vela Nord - Low Tide"),
        video("AAAAAAAAAA1", 253, ""),
        '<video src="" duration="253"><title>Low Tide</title></video>',
        '<video src="https://vimeo.com/1" duration="253"><title>Low Tide</title></video>',
    ],
)
def test_what_is_doubtful_is_left_out(one: str) -> None:
    assert named(one) == set()


def test_without_lengths_nothing_but_names_may_stand_there() -> None:
    assert {name for _, name in named(video("AAAAAAAAAA2", 0, "Vela Nord - South Pier"))} == {
        "Vela Nord / South Pier", "Vela N. / South Pier",
    }  # fmt: skip


def test_parts_and_artists_of_tracks_are_read() -> None:
    assert ("AAAAAAAAAA3", "Vela Nord / North Pier") in named(video("AAAAAAAAAA3", 184, "North Pier"))
    assert named(video("AAAAAAAAAA4", 3661, "Wren Abelard - Guest Song")) == {
        ("AAAAAAAAAA4", "Wren Abelard / Guest Song")
    }


def test_bad_releases_are_counted_and_the_others_read() -> None:
    good = RELEASE.replace("{videos}", f"<videos>{video('AAAAAAAAAA1', 253, 'Low Tide')}</videos>")
    damaged = good.replace("</tracklist>", "")
    control = good.replace("Low Tide</title></video>", "x</title>").replace(
        "<title>Low Tide", "<title>\x07Low Tide"
    )
    content = "<releases>" + damaged + good + control + good.replace("{", "") + "</releases>"
    found = discogs.read(Block(0, content.encode()))
    assert (found.releases, found.bad) == (4, 1)
    assert {row[1:] for row in found.rows} == {("AAAAAAAAAA1", 253_000)}


def dump(count: int) -> bytes:
    good = RELEASE.replace("{videos}", f"<videos>{video('AAAAAAAAAA1', 253, 'Low Tide')}</videos>")
    return f"<releases>\n{good * count}\n</releases>".encode()


def test_parts_end_with_releases_and_go_on_where_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discogs, "BLOCK_BYTES", 4_000)
    content = dump(20)
    parts = list(discogs.blocks(io.BytesIO(content)))
    assert len(parts) > 5
    assert sum(discogs.read(part).releases for part in parts) == 20
    for part in parts:
        rest = b"".join(one.content for one in discogs.blocks(io.BytesIO(content), part.end))
        assert content.startswith(rest, part.end)
        assert rest.count(b"</release>") == content[part.end :].count(b"</release>")


@pytest.mark.parametrize("how", ["in a release", "in the packing", "wrong packing"])
def test_a_dump_that_is_cut_gives_what_is_whole_and_says_so(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(discogs, "BLOCK_BYTES", 4_000)
    content, releases = dump(20), 20
    stream: Any = io.BytesIO(content[:-500])
    if how != "in a release":
        packed, releases = gzip.compress(content * 40, 0), 800
        end = packed[: len(packed) // 2] + (b"" if how == "in the packing" else b"\xff" * 5_000)
        stream = gzip.GzipFile(fileobj=io.BytesIO(end))
    found: list[int] = []
    with pytest.raises(CutError):
        found.extend(discogs.read(part).releases for part in discogs.blocks(stream))
    assert releases * 0.4 < sum(found) < releases


def test_what_no_release_ends_is_one_bad_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discogs, "MAX_RELEASE_BYTES", 10_000)
    monkeypatch.setattr(discogs, "BLOCK_BYTES", 4_000)
    content = dump(2).replace(b"</releases>", b"") + b"x" * 30_000 + dump(2)
    found = [discogs.read(part) for part in discogs.blocks(io.BytesIO(content))]
    assert sum(one.bad for one in found) >= 1
    assert sum(one.releases for one in found) == 4


def test_nothing_of_a_videos_text_is_given_out() -> None:
    content = RELEASE.replace("{videos}", f"<videos>{video('AAAAAAAAAA1', 253, 'Low Tide')}</videos>")
    (row, _) = discogs.read(replace(Block(0, b""), content=content.encode())).rows
    assert row[1:] == ("AAAAAAAAAA1", 253_000)
    assert len(row[0]) == 32
