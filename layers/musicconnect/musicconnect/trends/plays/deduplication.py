"""Decide which listens are new plays and which report known ones. Pure.

For one user:

* The same source reports the same track at the same time: the same play. A source that knows only minutes may
  list a track twice in one; then the second is another play, and of two such files the longer list counts.
* Another source reports the same track at about the same time (sources differ by 4 to 54 seconds in
  practice): the same play, unless that source reports it already. So a repeat, which both sources list twice,
  remains two plays.
* What was deleted remains deleted.

An export of this service is of several sources, and has been decided about: its listens are different plays,
however near each other they are.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from musicconnect.trends.plays.model import SOURCES, Listen

UNKNOWN_DURATION_TOLERANCE_S: Final = 60
MIN_TOLERANCE_S: Final = 30
MAX_TOLERANCE_S: Final = 600
MAX_WINDOW_MS: Final = (MAX_TOLERANCE_S + 2 * 60) * 1000
"""No two reports further apart are of the same play."""


class PlayRef(NamedTuple):
    """The identity of a play of one user; ``played_at`` in Unix milliseconds."""

    played_at: int
    track_key: int
    ordinal: int


class SourceReport(NamedTuple):
    """A source's report of a known play."""

    ref: PlayRef
    is_primary: bool
    played_at: int
    track_key: int
    source: str
    import_id: int | None
    precision_s: int
    duration_ms: int | None
    kind: str
    provider: str


class Tombstone(NamedTuple):
    """A deleted report of a play."""

    id: int
    played_at: int
    track_key: int
    source: str
    precision_s: int
    duration_ms: int | None
    whole_play: bool
    """Whether the play was deleted, and not only this source's report."""


@dataclass(slots=True)
class Decision:
    """What to do with listens, given by their indexes."""

    new: list[tuple[int, int]] = field(default_factory=list)
    """Index and ordinal."""
    alternates: list[tuple[int, PlayRef]] = field(default_factory=list)
    """Reports of known plays to be stored: of another source, or of another import."""
    better: list[tuple[int, PlayRef]] = field(default_factory=list)
    """Of those, the ones that know more than the primary report."""
    already_here: list[int] = field(default_factory=list)
    """Stored from the same source."""
    other_source: list[int] = field(default_factory=list)
    """Stored from another source."""
    repeated: list[int] = field(default_factory=list)
    """Twice in the same input."""
    deleted: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _ExistingPlay:
    ref: PlayRef
    reports: list[SourceReport]

    def reported_by(self, listen: Listen) -> bool:
        """Whether a listen's source reports it already. To the minute and to the second it may do both."""
        return any(
            one.source == listen.source and one.precision_s == listen.precision_s for one in self.reports
        )

    def reported_by_import(self, source: str, import_id: int | None) -> bool:
        return any(one.source == source and one.import_id == import_id for one in self.reports)

    @property
    def primary(self) -> SourceReport:
        return next((one for one in self.reports if one.is_primary), self.reports[0])


type _Plays = dict[int, list[_ExistingPlay]]
"""By track, each list in order of time."""
type _Tombstones = dict[int, list[Tombstone]]


def decide(
    listens: Sequence[Listen],
    reports: Iterable[SourceReport],
    tombstones: Iterable[Tombstone],
    import_id: int | None,
    *,
    is_own: bool = False,
) -> Decision:
    """Decide about listens of one source, in its order, by all reports and tombstones near them.

    Args:
        listens: Of one source; of any if they are of an export of this service.
        reports: Of all plays near them.
        tombstones: Near them.
        import_id: Whose listens they are.
        is_own: Whether they are of such an export: then none is another one of the same import.
    """
    decision = Decision()
    plays, deleted = _plays(reports), _by_track(tombstones)
    same_report, ordinals = _by_report(plays), _next_ordinals(plays)
    deleted_reports = Counter(_key(one) for those in deleted.values() for one in those)
    seen: Counter[_ReportKey] = Counter()
    unmatched: list[int] = []
    for index in _decide_unknown(listens, decision, _spans(plays, deleted)):
        listen = listens[index]
        key = _key(listen)
        nth = seen[key]
        seen[key] += 1
        same = same_report.get(key, ())
        if nth < len(same):
            decision.already_here.append(index)
            if not same[nth].reported_by_import(listen.source, import_id):
                decision.alternates.append((index, same[nth].ref))
        elif nth < len(same) + deleted_reports[key]:
            decision.deleted.append(index)
        elif nth and listen.precision_s == 1:
            decision.repeated.append(index)
        else:
            unmatched.append(index)
    if is_own:
        plays = {
            track: [one for one in those if any(report.import_id != import_id for report in one.reports)]
            for track, those in plays.items()
        }
    matched = _match(listens, unmatched, plays, deleted)
    for index in unmatched:
        found = matched.get(index)
        if found is None:
            decision.new.append((index, ordinals[listens[index][:2]]))
            ordinals[listens[index][:2]] += 1
        elif isinstance(found, Tombstone):
            decision.deleted.append(index)
        else:
            decision.other_source.append(index)
            decision.alternates.append((index, found.ref))
            if SOURCES[listens[index].source] > SOURCES[found.primary.source]:
                decision.better.append((index, found.ref))
    return decision


def _decide_unknown(
    listens: Sequence[Listen], decision: Decision, existing: Mapping[int, tuple[int, int]]
) -> Iterable[int]:
    """Decide quickly about listens near nothing stored: nearly all of a first import. Gives the others."""
    times, tracks = [one[0] for one in listens], [one[1] for one in listens]
    if len(set(zip(times, tracks, strict=True))) < len(times):
        return range(len(listens))  # some are repeated
    others = [
        index
        for index, track in enumerate(tracks)
        if track in existing
        and existing[track][0] - MAX_WINDOW_MS <= times[index] <= existing[track][1] + MAX_WINDOW_MS
    ]
    excluded = set(others)
    decision.new = [(index, 0) for index in range(len(listens)) if index not in excluded]
    return others


def _spans(plays: _Plays, deleted: _Tombstones) -> dict[int, tuple[int, int]]:
    times: dict[int, list[int]] = defaultdict(list)
    for track, existing in plays.items():
        times[track] += [report.played_at for play in existing for report in play.reports]
        times[track] += [play.ref.played_at for play in existing]
    for track, those in deleted.items():
        times[track] += [tombstone.played_at for tombstone in those]
    return {track: (min(found), max(found)) for track, found in times.items()}


def tolerance_ms(listen: Listen, other: SourceReport | Tombstone) -> int:
    """Get how far apart two sources may put the start of the same play."""
    duration = listen.duration_ms or other.duration_ms
    if duration is None:
        seconds = float(UNKNOWN_DURATION_TOLERANCE_S)
    else:
        seconds = min(max(MIN_TOLERANCE_S, duration / 2000), MAX_TOLERANCE_S)
    # A source that knows only minutes is up to one minute off by that alone.
    seconds += sum(precision for precision in (listen.precision_s, other.precision_s) if precision > 1)
    return round(seconds * 1000)


def _plays(reports: Iterable[SourceReport]) -> _Plays:
    by_ref: dict[PlayRef, _ExistingPlay] = {}
    for report in reports:
        by_ref.setdefault(report.ref, _ExistingPlay(report.ref, [])).reports.append(report)
    plays: _Plays = defaultdict(list)
    for ref in sorted(by_ref):
        plays[ref.track_key].append(by_ref[ref])
    return plays


type _ReportKey = tuple[str, int, int]


def _key(report: Listen | SourceReport | Tombstone) -> _ReportKey:
    """Get what two reports of one source have in common if they are of the same play."""
    return report.source, report.played_at, report.track_key


def _by_report(plays: _Plays) -> dict[_ReportKey, list[_ExistingPlay]]:
    found: dict[_ReportKey, list[_ExistingPlay]] = defaultdict(list)
    for existing in plays.values():
        for play in existing:
            for key in {_key(report) for report in play.reports}:
                found[key].append(play)
    return found


def _next_ordinals(plays: _Plays) -> Counter[tuple[int, int]]:
    ordinals: Counter[tuple[int, int]] = Counter()
    for existing in plays.values():
        for play in existing:
            ordinals[play.ref[:2]] = max(ordinals[play.ref[:2]], play.ref.ordinal + 1)
    return ordinals


def _by_track(tombstones: Iterable[Tombstone]) -> _Tombstones:
    found: _Tombstones = defaultdict(list)
    for tombstone in sorted(tombstones, key=lambda one: (one.played_at, one.id)):
        found[tombstone.track_key].append(tombstone)
    return found


def _match(
    listens: Sequence[Listen], unmatched: Sequence[int], plays: _Plays, deleted: _Tombstones
) -> dict[int, _ExistingPlay | Tombstone]:
    """Pair listens with plays of other sources, the nearest first, each with one at most."""
    pairs: list[tuple[int, int, int, _ExistingPlay | Tombstone]] = []
    for index in unmatched:
        listen = listens[index]
        near = plays.get(listen.track_key, [])
        start = bisect_left(near, listen.played_at - MAX_WINDOW_MS, key=lambda one: one.ref.played_at)
        for play in near[start:]:
            if play.ref.played_at > listen.played_at + MAX_WINDOW_MS:
                break
            other = play.primary
            distance = abs(other.played_at - listen.played_at)
            if (
                distance <= tolerance_ms(listen, other)
                and not play.reported_by(listen)
                and _alike(listen, other)
            ):
                pairs.append((distance, index, 0, play))
        for one in deleted.get(listen.track_key, ()):
            distance = abs(one.played_at - listen.played_at)
            if one.whole_play and one.source != listen.source and distance <= tolerance_ms(listen, one):
                pairs.append((distance, index, 1, one))
    matched: dict[int, _ExistingPlay | Tombstone] = {}
    used: set[PlayRef | int] = set()
    for _, index, _, found in sorted(pairs, key=lambda pair: pair[:3]):
        name = found.id if isinstance(found, Tombstone) else found.ref
        if index not in matched and name not in used:
            matched[index] = found
            used.add(name)
    return matched


def _alike(listen: Listen, other: SourceReport) -> bool:
    """Whether two reports can be of one play: not a skip and a play, not at two providers."""
    kinds = {listen.kind, other.kind}
    providers = {listen.provider, other.provider} - {"other"}
    return ("start" in kinds or len(kinds) == 1) and len(providers) <= 1
