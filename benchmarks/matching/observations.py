"""What is noted while the matcher is measured: wrong decisions, accepted scores, and the pairs met."""

from dataclasses import dataclass, field

from musicconnect.matching import Score, score
from musicconnect.music.model import Track


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted pair: its score, whether it is right, and what there was to go by."""

    score: float
    """0 to 100."""
    is_right: bool
    lengths: bool
    channel: bool
    description: bool


@dataclass(slots=True)
class Observations:
    """Collects what one run sees."""

    errors: list[dict[str, object]] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    pairs: dict[str, list[tuple[Track, Track]]] = field(default_factory=dict)
    """By set, for the measurement of speed."""

    def pair(self, name: str, source: Track, candidate: Track) -> None:
        """Note a pair that is compared."""
        self.pairs.setdefault(name, []).append((source, candidate))

    def accept(self, source: Track, candidate: Track, total: float, is_right: bool) -> None:
        """Note an accepted pair."""
        self.accepted.append(
            Accepted(
                score=total,
                is_right=is_right,
                lengths=bool(source.duration_ms and candidate.duration_ms),
                channel=bool(source.channel or candidate.channel),
                description=bool(source.description or candidate.description),
            )
        )

    def error(self, name: str, error: str, source: Track, candidate: Track | None, **more: object) -> None:
        """Note a wrong decision with what led to it."""
        entry: dict[str, object] = {
            "set": name,
            "error": error,
            "source": f"{source.artist_line} - {source.title}",
            "source_seconds": source.duration_ms and source.duration_ms / 1000,
            "album": source.album,
        }
        if candidate is not None:
            entry |= {
                "candidate": candidate.title,
                "candidate_artists": candidate.artists,
                "channel": candidate.channel,
                "candidate_seconds": candidate.duration_ms and candidate.duration_ms / 1000,
            } | parts(score(source, candidate))
        self.errors.append(entry | more)


class NoObservations(Observations):
    """Notes nothing: for what the matcher is only compared with."""

    def pair(self, name: str, source: Track, candidate: Track) -> None:
        """Ignore a pair."""

    def accept(self, source: Track, candidate: Track, total: float, is_right: bool) -> None:
        """Ignore an accepted pair."""

    def error(self, name: str, error: str, source: Track, candidate: Track | None, **more: object) -> None:
        """Ignore a wrong decision."""


def parts(scored: Score) -> dict[str, object]:
    """Write out a score for a person."""
    return {
        "total": round(scored.total, 2),
        "parts": {part: round(value, 1) for part, value in scored.parts.items()},
        "reasons": scored.reasons,
    }
