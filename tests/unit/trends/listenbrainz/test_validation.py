"""Given what clients send, then it is refused where and as ListenBrainz refuses it, or more leniently."""

import json
from typing import Any

import pytest

from musicconnect.trends.listenbrainz.validation import parse_count, parse_listen_query, parse_submission
from musicconnect.trends.scrobbling.errors import RefusedError

NOW = 1_764_400_000
NAMES = {"artist_name": "Portishead", "track_name": "Roads"}
MBID = "6b2fb9f4-b9b5-4a3e-8d65-2b6b0a1c2d3e"


def listen(at: Any = NOW - 60, info: Any = None, **metadata: Any) -> dict[str, Any]:
    more = {} if info is None else {"additional_info": info}
    return {"listened_at": at, "track_metadata": {**NAMES, **metadata, **more}}


def parsed(*payload: Any, kind: str = "import") -> list[dict[str, Any]]:
    return parse_submission(json.dumps({"listen_type": kind, "payload": list(payload)}), NOW)[1]


def info_of(info: dict[str, Any]) -> dict[str, Any]:
    return dict(parsed(listen(info=info))[0]["track_metadata"]["additional_info"])


def refusal(*payload: Any, kind: str = "import") -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        parsed(*payload, kind=kind)
    assert caught.value.status == 400
    return caught.value


class TestDocument:
    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("{", "Cannot parse JSON document"),
            ("", "Cannot parse JSON document"),
            ("[" * 100_000, "Cannot parse JSON document"),
            ('{"payload": [' + "[" * 500 + "]" * 500 + '], "listen_type": "import"}', "nested too deeply"),
            ('{"payload": [NaN], "listen_type": "single"}', "NaN is not JSON"),
            ('{"payload": [' + "9" * 5000 + '], "listen_type": "single"}', "Cannot parse JSON document"),
            ("[]", "Top level of JSON document should be a json object"),
            ('{"listen_type": "single"}', "Invalid JSON document submitted."),
            ('{"payload": [1]}', "Invalid JSON document submitted."),
            ('{"listen_type": "single", "payload": "text"}', "should be a list of listens"),
            ('{"listen_type": "single", "payload": 5}', "should be a list of listens"),
            ('{"listen_type": "single", "payload": []}', "does not contain any listens"),
            ('{"listen_type": ["single"], "payload": [1]}', "requires a valid listen_type key"),
            ('{"listen_type": "double", "payload": [1]}', "requires a valid listen_type key"),
            (f'{{"listen_type": "import", "payload": {[1] * 1001}}}', "not submit more than 1000 listens"),
            ('{"listen_type": "single", "payload": [1, 2]}', "more than listen for a single/playing_now"),
        ],
    )
    def test_is_refused(self, text: str, error: str) -> None:
        with pytest.raises(RefusedError, match=error) as caught:
            parse_submission(text, NOW)
        assert caught.value.status == 400

    def test_may_begin_with_a_mark_of_byte_order(self) -> None:
        text = "\ufeff" + json.dumps({"listen_type": "single", "payload": [listen()]})
        assert parse_submission(text, NOW)[0] == "single"

    def test_may_have_large_listens_among_small_ones(self) -> None:
        large = listen(info={"note": "x" * 12_000})
        assert len(parsed(large, listen(), listen())) == 3
        assert "may not be larger than 10240 bytes" in refusal(large).message


class TestListen:
    @pytest.mark.parametrize("one", [None, 1, "text", [], True])
    def test_is_an_object(self, one: Any) -> None:
        assert refusal(one).message == "Listen is empty and cannot be validated."

    def test_that_is_refused_is_told(self) -> None:
        refused = refusal(listen(), {"listened_at": NOW, "track_metadata": {"track_name": "x"}})
        assert refused.members == {"listened_at": NOW, "track_metadata": {"track_name": "x"}}

    @pytest.mark.parametrize("at", [NOW + 3599, 1_033_430_400, str(NOW), NOW - 0.1, "1033430401"])
    def test_may_be_of_this_time(self, at: Any) -> None:
        assert parsed(listen(at))[0]["listened_at"] == int(at)

    @pytest.mark.parametrize(
        ("at", "error"),
        [
            (NOW + 3600, "too high"), (10**30, "too high"), (1_033_430_399, "too low"), (-1, "too low"),
            (True, "too low"), ("1.5", "int value"), ("soon", "int value"), (None, "int value"),
            ([], "int value"), ({}, "int value"), (1e300, "too high"),
        ],
    )  # fmt: skip
    def test_may_not_be_of_that_time(self, at: Any, error: str) -> None:
        assert error in refusal(listen(at)).message

    @pytest.mark.parametrize(
        ("one", "error"),
        [
            ({"track_metadata": NAMES}, "must contain the key listened_at"),
            ({"listened_at": NOW}, "must contain the key track_metadata"),
            ({"listened_at": NOW, "track_metadata": None}, "track_metadata with null value"),
            ({"listened_at": NOW, "track_metadata": []}, "track_metadata must be"),
            ({**listen(), "user": 1}, "may only contain listened_at and track_metadata"),
            (listen(track_name=None), "track_metadata.track_name must be a single string."),
            (listen(artist_name=["A"]), "track_metadata.artist_name must be a single string."),
            (listen(release_name=None), "track_metadata.release_name must be a single string."),
            (listen(artist_name=" \t"), "field track_metadata.artist_name is empty."),
            (listen(track_name=""), "field track_metadata.track_name is empty."),
            (listen(artist_name="A\0"), "contains a unicode null"),
            (listen(artist_name="A\ud800"), "not valid Unicode"),
            (listen(info={"a\0": 1}), "contains a unicode null"),
            (listen(info="text"), "additional_info must be"),
        ],
    )
    def test_is_refused_for_its_names_and_members(self, one: Any, error: str) -> None:
        assert error in refusal(one).message

    def test_needs_both_names(self) -> None:
        for name in NAMES:
            one = listen()
            del one["track_metadata"][name]
            expected = f"JSON document does not contain required field track_metadata.{name}."
            assert refusal(one).message == expected

    @pytest.mark.parametrize("album", ["", "  "])
    def test_without_an_album_is_one_with_an_empty_album(self, album: str) -> None:
        assert parsed(listen(release_name=album)) == parsed(listen())

    def test_has_its_names_without_blanks_around_them(self) -> None:
        assert parsed(listen(track_name=" Roads\n"))[0]["track_metadata"]["track_name"] == "Roads"

    def test_that_is_playing_has_no_time(self) -> None:
        assert "must not contain listened_at" in refusal(listen(), kind="playing_now").message
        other = {"track_metadata": NAMES, "more": 1}
        assert (
            "may only contain track_metadata as top level key" in refusal(other, kind="playing_now").message
        )


class TestAdditionalInfo:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ({"duration": 1}, {"duration": 1}),
            ({"duration": 2_073_600}, {"duration": 2_073_600}),
            ({"duration": "213.5"}, {"duration": 213}),
            ({"duration_ms": "213000"}, {"duration_ms": 213_000}),
            ({"duration_ms": 1500.9}, {"duration_ms": 1500}),
            ({"recording_mbid": "", "work_mbids": [], "note": 1}, {"note": 1}),
            ({"recording_mbid": None, "artist_mbids": None, "note": 1}, {"note": 1}),
            ({"artist_mbids": [MBID, "", None]}, {"artist_mbids": [MBID]}),
            ({"recording_mbid": f"{{{MBID.upper()}}}"}, {"recording_mbid": f"{{{MBID.upper()}}}"}),
            ({"recording_mbid": f"urn:uuid:{MBID}"}, {"recording_mbid": f"urn:uuid:{MBID}"}),
            ({"tags": None, "note": 1}, {"note": 1}),
            ({"tags": [1, "x" * 64]}, {"tags": [1, "x" * 64]}),
            ({"origin_url": "http://[", "note": 1}, {"note": 1}),
            ({"origin_url": "https://example.org/a"}, {"origin_url": "https://example.org/a"}),
            ({"a": {"b": {"c": 1}, "d": [{"e": 2}]}}, {"a.b.c": 1, "a.d": [{"e": 2}]}),
        ],
    )
    def test_is_kept(self, sent: dict[str, Any], kept: dict[str, Any]) -> None:
        assert info_of(sent) == kept

    @pytest.mark.parametrize(
        ("sent", "error"),
        [
            ({"tags": ["x"] * 51}, "more than 50 items"),
            ({"tags": ["x" * 65]}, "longer than 64 characters"),
            ({"duration": 1, "duration_ms": 1}, "both duration and duration_ms"),
            ({"duration": 0}, "Value for duration is invalid, should be a positive integer."),
            ({"duration": "0"}, "Value for duration is invalid"),
            ({"duration": None}, "Value for duration is invalid"),
            ({"duration_ms": "long"}, "Value for duration_ms is invalid"),
            ({"duration": "NaN"}, "Value for duration is invalid"),
            ({"duration": 1e308 * 10}, "Cannot parse JSON"),
            ({"duration": 2_073_601}, "Value for duration is too large, max permitted value is 2073600"),
            ({"duration_ms": 2_073_600_001}, "Value for duration_ms is too large"),
            ({"recording_mbid": "x"}, "recording_mbid MBID format invalid."),
            ({"artist_mbids": "x"}, "artist_mbids MBID format invalid."),
            ({"artist_mbids": [5]}, "artist_mbids MBID format invalid."),
        ],
    )
    def test_is_refused(self, sent: dict[str, Any], error: str) -> None:
        assert error in refusal(listen(info=sent)).message

    def test_that_is_null_is_none(self) -> None:
        one = listen()
        one["track_metadata"]["additional_info"] = None
        assert parsed(one) == parsed(listen())

    def test_has_a_number_too_large_to_be_stored(self) -> None:
        text = json.dumps({"listen_type": "single", "payload": [listen(info={"n": 0.5})]})
        with pytest.raises(RefusedError, match="number too large"):
            parse_submission(text.replace("0.5", "1e400"), NOW)


class TestQuery:
    @pytest.mark.parametrize(
        ("query", "parsed"),
        [
            ({}, (None, None, 25)),
            ({"min_ts": "0"}, (0, None, 25)),
            ({"min_ts": "5", "max_ts": "6", "count": "5000"}, (5, 6, 1000)),
            ({"count": "0"}, (None, None, 0)),
        ],
    )
    def test_is_read(self, query: dict[str, str], parsed: tuple[int | None, int | None, int]) -> None:
        assert parse_listen_query(query) == parsed

    @pytest.mark.parametrize(
        ("query", "error"),
        [
            ({"min_ts": "x"}, "Incorrect min_ts timestamp argument: x"),
            ({"max_ts": "1.5"}, "Incorrect max_ts timestamp argument: 1.5"),
            ({"min_ts": "5", "max_ts": "5"}, "max_ts should be greater than min_ts"),
            ({"min_ts": "6", "max_ts": "5"}, "max_ts should be greater than min_ts"),
            ({"count": "-1"}, "Number of items requested should be positive"),
            ({"count": "x"}, "Invalid count argument: x"),
        ],
    )
    def test_is_refused(self, query: dict[str, str], error: str) -> None:
        with pytest.raises(RefusedError) as caught:
            parse_listen_query(query)
        assert caught.value.message == error

    def test_counts_are_capped(self) -> None:
        assert (parse_count("1000"), parse_count("1001"), parse_count(" 7 ")) == (1000, 1000, 7)
