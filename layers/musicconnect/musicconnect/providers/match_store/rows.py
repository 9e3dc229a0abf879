"""Convert findings to rows of the match store, and rows to matches. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from musicconnect.matching import Outcome
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform.text import storable, storable_value
from musicconnect.providers.match_store.model import (
    MAX_CANDIDATES,
    ConfirmedBy,
    Finding,
    StoredMatch,
    keys_of,
    rescored,
)

MAX_DESCRIPTION_LENGTH = 1000
"""Characters: the block in which YouTube states artists and title stands at the beginning."""


@dataclass(frozen=True, slots=True)
class DueMatch:
    """A match of which one side is to be asked for again."""

    source_provider: ProviderName
    source_id: str
    target_provider: ProviderName
    target_id: str
    source: dict[str, Any]
    target: dict[str, Any]
    confirmed_by: str
    fetched_at: datetime

    def id_on(self, provider: ProviderName) -> str:
        """Get the id of the provider's side."""
        return self.source_id if self.source_provider == provider else self.target_id

    def facts_on(self, provider: ProviderName) -> Track:
        """Get what is known of the provider's side."""
        return decode(provider, self.source if self.source_provider == provider else self.target)


@dataclass(frozen=True, slots=True)
class OutdatedMatch:
    """A match that an older version of the matcher made, with what is known of both sides."""

    source_provider: ProviderName
    source_id: str
    target_provider: ProviderName
    source: dict[str, Any]
    target: dict[str, Any]
    confirmed_by: ConfirmedBy
    mirrored: bool

    def rescored_row(self) -> dict[str, Any]:
        """Make a row of what the current matcher says; its score is null where the match does not hold."""
        made = rescored(
            decode(self.source_provider, self.source),
            decode(self.target_provider, self.target),
            self.confirmed_by,
            is_mirrored=self.mirrored,
        )
        return {
            "source_provider": self.source_provider,
            "source_id": self.source_id,
            "target_provider": self.target_provider,
            "score": None if made is None else round(made.total, 2),
            "parts": {} if made is None else made.parts,
            "reasons": [] if made is None else made.reasons,
        }


def to_row(finding: Finding, now: datetime, is_mirrored: bool) -> dict[str, Any]:
    """Make a row, as JSON values, of a finding."""
    source, target, keys = finding.source, finding.target, keys_of(finding.source)
    return {
        "source_provider": keys.source_provider,
        "source_id": keys.source_id,
        "target_provider": finding.target_provider,
        "target_id": None if target is None else storable(target.id),
        "outcome": finding.outcome.value,
        "score": None if finding.score is None else round(min(100.0, max(0.0, finding.score)), 2),
        "parts": finding.parts,
        "reasons": storable_value(list(finding.reasons)),
        "confirmed_by": finding.confirmed_by,
        "mirrored": is_mirrored,
        "isrc": keys.isrc,
        "normal_form": keys.normal_form,
        "source_duration_ms": keys.duration_ms,
        "source": encode_facts(source),
        "target": None if target is None else encode_facts(target),
        "candidates": [encode_facts(track) for track in finding.candidates if track.is_public][
            :MAX_CANDIDATES
        ],
        "fetched_at": (finding.fetched_at or now).isoformat(),
    }


def encode_facts(track: Track) -> dict[str, Any]:
    """Encode a track as the store holds it."""
    values = encode(track)
    if track.description:
        values["description"] = track.description[:MAX_DESCRIPTION_LENGTH]
    return {name: storable_value(value) for name, value in values.items()}


def from_row(track: Track, row: dict[str, Any]) -> StoredMatch:
    """Make a match of a row that was found for a track."""
    target_provider = row["target_provider"]
    return StoredMatch(
        source_provider=track.provider,
        source_id=track.id,
        target_provider=target_provider,
        outcome=Outcome(row["outcome"]),
        target_id=row["target_id"],
        target=None if row["target"] is None else decode(target_provider, row["target"]),
        source=None if row["source"] is None else decode(row["source_provider"], row["source"]),
        score=None if row["score"] is None else float(row["score"]),
        parts=row["parts"],
        reasons=row["reasons"],
        candidates=tuple(decode(target_provider, entry) for entry in row["candidates"]),
        confirmed_by=row["confirmed_by"],
        matcher_version=row["matcher_version"],
        found_by=("id", "isrc", "normal_form")[row["rank"] - 1],
        fetched_at=row["fetched_at"],
        expires_at=row["expires_at"],
        settled=False,
    )
