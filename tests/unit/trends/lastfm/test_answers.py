"""Given an answer, then it is written as Last.fm writes it, in JSON and in XML."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.lastfm.answers import JSON, XML, write, write_error
from musicconnect.trends.lastfm.errors import MESSAGES, STATUSES

NAMES = {
    name: {"corrected": "0", "#text": text}
    for name, text in (("track", "Roads & <x>"), ("artist", "Portishead"), ("album", ""), ("albumArtist", ""))
}
ENTRY = {**NAMES, "timestamp": "1764400000", "ignoredMessage": {"code": "0", "#text": ""}}


def xml(body: dict[str, Any]) -> str:
    text, content_type = write(body, is_json=False)
    assert content_type == XML
    return text.removeprefix('<?xml version="1.0" encoding="utf-8"?>\n')


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, '<lfm status="ok"></lfm>'),
        ({"token": "x"}, '<lfm status="ok"><token>x</token></lfm>'),
        ({"lfm": {"status": "ok"}}, '<lfm status="ok"></lfm>'),
        (
            {"session": {"name": "ada", "key": "k", "subscriber": 0}},
            '<lfm status="ok"><session><name>ada</name><key>k</key><subscriber>0</subscriber></session>'
            "</lfm>",
        ),
        (
            {"scrobbles": {"@attr": {"accepted": 1, "ignored": 0}, "scrobble": ENTRY}},
            '<lfm status="ok"><scrobbles accepted="1" ignored="0"><scrobble>'
            '<track corrected="0">Roads &amp; &lt;x&gt;</track><artist corrected="0">Portishead</artist>'
            '<album corrected="0"></album><albumArtist corrected="0"></albumArtist>'
            '<timestamp>1764400000</timestamp><ignoredMessage code="0"></ignoredMessage>'
            "</scrobble></scrobbles></lfm>",
        ),
        (
            {"recenttracks": {"track": [{"name": "a", "image": []}, {"name": "b"}]}},
            '<lfm status="ok"><recenttracks><track><name>a</name></track><track><name>b</name></track>'
            "</recenttracks></lfm>",
        ),
    ],
)
def test_xml_follows_from_json(body: dict[str, Any], text: str) -> None:
    found = xml(body)
    assert ElementTree.canonicalize(found) == ElementTree.canonicalize(text)


def test_json_keeps_the_types_and_the_characters() -> None:
    body = {"scrobbles": {"@attr": {"accepted": 1, "ignored": 0}, "scrobble": {"track": "🎵"}}}
    text, content_type = write(body, is_json=True)
    assert content_type == JSON
    assert (json.loads(text), "🎵" in text) == (body, True)


@given(st.text())
def test_whatever_a_title_is_made_of_the_xml_is_well_formed(title: str) -> None:
    title = title.encode("utf-8", "replace").decode()
    root = ElementTree.fromstring(xml({"track": {"corrected": "0", "#text": title}}).encode())
    kept = root.findtext("track") or ""
    assert set(kept) <= set(title) | {"\n"}


@pytest.mark.parametrize("code", MESSAGES)
def test_errors_are_written_in_both_formats(code: int) -> None:
    text, _ = write_error(code, MESSAGES[code], is_json=True)
    assert json.loads(text) == {"error": code, "message": MESSAGES[code]}
    text, _ = write_error(code, MESSAGES[code], is_json=False)
    root = ElementTree.fromstring(text.encode())
    assert (root.tag, root.attrib, root[0].tag, root[0].attrib) == (
        "lfm", {"status": "failed"}, "error", {"code": str(code)},
    )  # fmt: skip
    assert STATUSES[code] >= 400
