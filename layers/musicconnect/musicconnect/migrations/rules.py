"""Apply a person's own choices of counterparts, which win over every search. Pure."""

from collections.abc import Mapping
from typing import Any

from musicconnect.matching import Outcome
from musicconnect.matching.candidate_search import Decision
from musicconnect.music.model import ItemKind, Track

CHOSEN = "your own choice"
LEFT_OUT = "left out: you said that it does not exist there"


def rule_id(source: Track) -> str:
    """Give the id by which a rule names its source: an artist's or an album's may be a track's, too."""
    return f"{source.kind}:{source.id}" if source.kind in (ItemKind.ARTIST, ItemKind.ALBUM) else source.id


def decision(source: Track, rule: Mapping[str, Any]) -> Decision:
    """Give what a rule decides about its source."""
    target: Track | None = None
    if rule["target_id"] is not None:
        target = Track(
            provider=rule["target_provider"],
            id=rule["target_id"],
            title=rule["target_title"] or source.title,
            artists=(rule["target_artist"],) if rule["target_artist"] else source.artists,
        )
    return Decision(
        outcome=Outcome.MATCHED if target else Outcome.NO_MATCH,
        target=target,
        score=None,
        parts=None,
        reasons=[CHOSEN if target else LEFT_OUT],
        candidates=None,
        found_by="rule" if target else None,
        is_left_out=target is None,
    )
