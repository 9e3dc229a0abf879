"""Takeout's HTML, which is what Google sends unless one asks for JSON."""

import pytest

from tests.unit.trends.imports.files import as_json, read_file

STYLE = "<style>.mdl-typography--title{}" + ".x{color:red}" * 40_000 + "</style>"


def block(
    written: str,
    at: str,
    *,
    header: str = "YouTube Music",
    channel: str | None = "Paper Lanterns - Topic",
    details: str = "",
    url: str = "https://music.youtube.com/watch?v=AbCdEfGhIjK",
) -> str:
    """An activity; ``{}`` of what is written is the link."""
    link = f'<a href="{url}">Low Tide &amp; Salt</a>' if url else "a video that has been removed"
    who = f'<a href="https://www.youtube.com/channel/UC0">{channel}</a><br>' if channel else ""
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        f'<div class="header-cell mdl-cell"><p class="mdl-typography--title">{header}<br></p></div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">'
        f"{written.replace('{}', link)}<br>{who}{at}</div>"
        '<div class="content-cell mdl-cell mdl-typography--body-1 mdl-typography--text-right"></div>'
        '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption">'
        "<b>Products:</b><br>&emsp;YouTube"
        f"<br>{details}<b>Why is this here?</b><br>&emsp;This activity was saved to your Google Account "
        'because the following settings were on:&nbsp;<a href="x">Watch history</a>.</div></div></div>'
    )


def page(*blocks: str) -> bytes:
    return f"<html><head>{STYLE}</head><body><div>{''.join(blocks)}</div></body></html>".encode()


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("Watched&nbsp;{}", "May 1, 2024, 2:00:00&#8239;PM CEST"),
        ("{}&nbsp;angesehen", "01.05.2024, 14:00:00 MESZ"),
        ("„{}“ angesehen", "1. Mai 2024, 14:00:00 MESZ"),
        ("Vous avez regardé&nbsp;{}", "1 mai 2024, 14:00:00 CEST"),
        ("{} を視聴しました", "2024/05/01 21:00:00 JST"),
        ("{}을(를) 시청했습니다.", "2024. 5. 1. 오후 9:00:00 KST<br>"),
        ("Вы посмотрели видео&nbsp;{}", "1 мая 2024 г., 15:00:00 MSK"),
        ("شاهدت {}", "01\u200f/05\u200f/2024، 14:00:00 غرينتش+2"),
        ("Verbum ignotum {}", "2024-05-01 12:00:00 UTC"),
        ("Watched&nbsp;{}", "May 1, 2024, 12:00:00 PM"),
    ],
)
def test_activities_of_any_language_are_read(written: str, at: str) -> None:
    read = read_file(page(block(written, at)), "Europe/Berlin")
    assert read.briefly == [("Low Tide & Salt", "Paper Lanterns", "2024-05-01 12:00:00")]
    assert (read.listens[0].kind, read.listens[0].provider_track_id) == ("start", "AbCdEfGhIjK")


def test_only_music_that_was_watched_and_is_still_there_counts_as_started() -> None:
    at = "May 1, 2024, 12:00:00 PM UTC"
    advert = "<b>Details:</b><br>&emsp;Von Google Anzeigen<br>"
    read = read_file(
        page(
            block("Watched&nbsp;{}", at, header="YouTube", url="https://www.youtube.com/watch?v=AbCdEfGhIjK"),
            block("Watched&nbsp;{}", at, details=advert),
            block("Liked&nbsp;{}", at),
            block("Watched {}", at, url=""),
            block("Watched&nbsp;{}", at, channel=None),
            block("Searched for&nbsp;{}", at, url="https://music.youtube.com/results?search_query=x"),
            block("Watched&nbsp;{}", "yesterday"),
            block("Watched&nbsp;{}", at),
        )
    )
    assert read.briefly == [
        "not_music", "advert", "not_a_play", "removed_video", "removed_video", "not_a_video", "no_time",
        ("Low Tide & Salt", "Paper Lanterns", "2024-05-01 12:00:00"),
    ]  # fmt: skip


@pytest.mark.parametrize("chunk", [97, 1000, 262_144])
def test_it_does_not_matter_how_much_is_read_at_once(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    blocks = [block("Watched&nbsp;{}", f"May {n}, 2024, 12:00:00 PM UTC") for n in range(1, 28)]
    content = page(*blocks)
    monkeypatch.setattr("musicconnect.trends.imports.readers.record.CHUNK_BYTES", chunk)
    read = read_file(content)
    assert [line.number for line in read.lines] == list(range(1, 28))
    assert [one.played_at for one in read.listens] == sorted({one.played_at for one in read.listens})


def test_a_start_is_the_same_in_html_and_in_json() -> None:
    """Who sends both files has every start in both; JSON cuts the seconds now here, now there."""
    row = {
        "header": "YouTube Music", "title": "Watched Low Tide & Salt", "time": "2024-05-01T12:00:00.987Z",
        "titleUrl": "https://music.youtube.com/watch?v\u003dAbCdEfGhIjK",
        "subtitles": [{"name": "Paper Lanterns - Topic", "url": "https://www.youtube.com/channel/UC0"}],
    }  # fmt: skip
    html = read_file(page(block("Watched&nbsp;{}", "May 1, 2024, 12:00:00 PM UTC"))).listens
    assert read_file(as_json([row])).listens == html
