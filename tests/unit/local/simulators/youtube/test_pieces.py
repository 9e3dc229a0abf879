import pytest

from local.simulators.youtube.errors import ApiError
from local.simulators.youtube.eventual_consistency import Lag
from local.simulators.youtube.field_mask import apply_fields, parse_fields
from local.simulators.youtube.parameters import (
    BOOLEAN,
    LIST,
    PAGE_SIZE,
    page_offset,
    page_token,
    page_tokens,
    read_query,
)
from local.simulators.youtube.resources import cut_description, duration, escape_title


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "P0D"), (7, "PT7S"), (60, "PT1M"), (207, "PT3M27S"), (3600, "PT1H"), (3723, "PT1H2M3S"),
        (86_400, "P1D"), (93_605, "P1DT2H5S"),
    ],
)  # fmt: skip
def test_durations_are_iso_8601(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_search_titles_are_escaped_the_way_google_does_it() -> None:
    assert escape_title('Tom & "Jerry\'s" <live>') == "Tom &amp; &quot;Jerry&#39;s&quot; &lt;live&gt;"


def test_search_descriptions_are_one_short_line() -> None:
    assert cut_description("Provided to YouTube by X\n\nA · B") == "Provided to YouTube by X A · B"
    long = cut_description("word " * 100)
    assert len(long) <= 164
    assert long.endswith("word ...")
    assert cut_description("x" * 500) == "x" * 160 + " ..."


ANSWER = {
    "etag": "e",
    "nextPageToken": "t",
    "items": [{"id": "1", "snippet": {"title": "A", "channelId": "c"}}],
}


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("nextPageToken", {"nextPageToken": "t"}),
        ("items/id", {"items": [{"id": "1"}]}),
        ("items(id,snippet/title),etag", {"etag": "e", "items": [{"id": "1", "snippet": {"title": "A"}}]}),
        ("items/snippet(title)", {"items": [{"snippet": {"title": "A"}}]}),
        ("items/*/title", {"items": [{"id": "1", "snippet": {"title": "A"}}]}),
        ("items", {"items": ANSWER["items"]}),
        ("absent", {}),
    ],
)
def test_partial_responses(fields: str, kept: object) -> None:
    assert apply_fields(ANSWER, parse_fields(fields)) == kept


@pytest.mark.parametrize(
    "fields", ["items(", "items(id", "items)", ",", "items//id", "a b!", "/x", "items/(id)"]
)
def test_bad_field_selections_are_refused(fields: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_fields(fields)
    assert caught.value.reason == "invalidParameter"


def test_page_tokens_lead_through_a_list_and_back() -> None:
    first = page_tokens(0, 5, 12, "list")
    assert first.keys() == {"nextPageToken"}
    assert page_offset(first["nextPageToken"], "list") == 5
    last = page_tokens(10, 5, 12, "list")
    assert last.keys() == {"prevPageToken"}
    assert page_offset(last["prevPageToken"], "list") == 5


@pytest.mark.parametrize("token", ["", "C", "CAUQAA", "x" * 200, "C!!!", "Ä", page_token(5, "another list")])
def test_made_up_and_foreign_page_tokens_are_refused(token: str) -> None:
    with pytest.raises(ApiError) as caught:
        page_offset(token, "list")
    assert caught.value.reason == "invalidPageToken"


def test_a_query_is_read_whether_lists_are_joined_or_repeated() -> None:
    known = {"id": LIST, "maxResults": PAGE_SIZE, "mine": BOOLEAN}
    given = [
        ("part", "snippet,id"),
        ("part", "status"),
        ("id", "a,b"),
        ("id", "c"),
        ("mine", "TRUE"),
        ("alt", "json"),
    ]
    query = read_query(given, known, {"id", "snippet", "status"})
    assert query.parts == {"id", "snippet", "status"}
    assert query.lists["id"] == ["a", "b", "c"]
    assert query.flags["mine"] is True
    assert query.page_size == 5


def test_a_lag_ends_with_time_and_reads() -> None:
    lag = Lag()
    lag.hide("a", 100.0, lag_ms=500, reads=0)
    assert lag.hides_any(100.4)
    assert not lag.hides_any(100.5)
    lag.hide("b", 100.0, lag_ms=0, reads=2)
    seen = []
    for _ in range(3):
        lag.read()
        lag.hides_any(100.0)
        seen.append(not lag.hides("b"))
    assert seen == [False, False, True]
    lag.hide("c", 100.0, lag_ms=0, reads=0)
    assert not lag.hides_any(100.0)
