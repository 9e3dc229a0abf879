"""What stays of a match when a provider was asked again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from musicconnect.music.codec import encode
from musicconnect.music.model import ItemKind, Track
from musicconnect.providers.match_store.refresh import refreshed_facts
from musicconnect.providers.match_store.rows import DueMatch

VIDEO = Track(
    provider="youtube",
    id="v1",
    title="Salt and Signal",
    channel="Kestrel Parade - Topic",
    duration_ms=215_000,
    kind=ItemKind.VIDEO,
)


def due(confirmed_by: str = "score") -> DueMatch:
    return DueMatch(
        source_provider="spotify",
        source_id="s1",
        target_provider="youtube",
        target_id="v1",
        source={"id": "s1", "title": "Salt and Signal"},
        target=encode(VIDEO),
        confirmed_by=confirmed_by,
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def test_what_is_as_it_was_stays() -> None:
    assert refreshed_facts(due(), "youtube", {"v1": VIDEO}) == VIDEO


@pytest.mark.parametrize("confirmed_by", ["score", "person"])
def test_what_is_gone_or_no_longer_for_everybody_goes(confirmed_by: str) -> None:
    assert refreshed_facts(due(confirmed_by), "youtube", {}) is None
    assert refreshed_facts(due(confirmed_by), "youtube", {"v1": replace(VIDEO, is_public=False)}) is None


def test_another_length_is_another_recording_unless_a_person_said_otherwise() -> None:
    longer = replace(VIDEO, duration_ms=240_000)
    assert refreshed_facts(due(), "youtube", {"v1": longer}) is None
    assert refreshed_facts(due("person"), "youtube", {"v1": longer}) == longer
