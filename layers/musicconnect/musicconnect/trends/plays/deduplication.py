"""Which of the listens that come in are new, and which tell of a play that is known. Pure.

The rules, for one person:

* The same source tells of the same track at the same time: the same play. A source that knows only minutes
  may list a track twice in one; then the second is a play of its own, and of two such files the longer list
  counts.
* Another source tells of the same track at about the same time (two sources differ by 4 to 54 seconds in
  practice): the same play, unless that source tells of it already. So a repeat, which both sources list
  twice, stays two plays.
* What was deleted stays deleted.
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
"""No two tellings further apart than this are the same play."""


class PlayRef(NamedTuple):
    """The identity of a play of one person. ``played_at`` in Unix milliseconds."""

    played_at: int
    track_key: int
    ordinal: int


class SourceReport(NamedTuple):
    """One source's telling of a known play."""

    ref: PlayRef
    is_primary: bool
    """Whether it is the one that stands in the plays; otherwise it is a witness."""
    played_at: int
    track_key: int
    source: str
    import_id: int | None
    precision_s: int
    duration_ms: int | None
    kind: str
    provider: str


class Tombstone(NamedTuple):
    """A telling of a play that was deleted."""

    id: int
    played_at: int
    track_key: int
    source: str
    precision_s: int
    duration_ms: int | None
    whole_play: bool
    """Whether the play was deleted, and not just what this source told."""


@dataclass(slots=True)
class Decision:
    """What to do with each listen, by its index."""

    new: list[tuple[int, int]] = field(default_factory=list)
    """Index and ordinal."""
    alternates: list[tuple[int, PlayRef]] = field(default_factory=list)
    """Tells of a known play and is worth remembering: another source, or another import."""
    better: list[tuple[int, PlayRef]] = field(default_factory=list)
    """Of those, the ones that know more than what is shown."""
    already_here: list[int] = field(default_factory=list)
    """The source has told this before."""
    other_source: list[int] = field(default_factory=list)
    """Another source has told of it."""
    repeated: list[int] = field(default_factory=list)
    """Told twice in one go."""
    deleted: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _KnownPlay:
    """A known play and all who tell of it."""

    ref: PlayRef
    reports: list[SourceReport]

    def reported_by(self, listen: Listen) -> bool:
        """Whether the source of a listen tells of it already. In minutes and in seconds it may tell twice."""
        return any(s.source == listen.source and s.precision_s == listen.precision_s for s in self.reports)

    def reported_by_import(self, source: str, import_id: int | None) -> bool:
        return any(report.source == source and report.import_id == import_id for report in self.reports)

    @property
    def shown(self) -> SourceReport:
        return next((report for report in self.reports if report.is_primary), self.reports[0])


def decide(
    listens: Sequence[Listen],
    reports: Iterable[SourceReport],
    tombstones: Iterable[Tombstone],
    import_id: int | None,
) -> Decision:
    """Decide about listens of one source.

    Args:
        listens: What comes in, in the order in which the source lists it.
        reports: Everything known about these tracks around these times.
        tombstones: Likewise what was deleted.
        import_id: The import that brings the listens; None for those submitted or polled.
    """
    decision = Decision()
    plays = _plays(reports)
    deleted = _by_track(tombstones)
    exact, ordinals = _by_report(plays), _next_ordinals(plays)
    buried = Counter(
        _ReportKey(g.source, g.played_at, g.track_key) for group in deleted.values() for g in group
    )
    seen: dict[tuple[int, int], int] = defaultdict(int)
    unmatched: list[int] = []
    for index in _decide_unknown(listens, decision, _spans(plays, deleted)):
        listen = listens[index]
        place = (listen.played_at, listen.track_key)
        nth = seen[place]
        seen[place] = nth + 1
        telling = _ReportKey(listen.source, listen.played_at, listen.track_key)
        same = exact.get(telling, ())
        if nth < len(same):
            decision.already_here.append(index)
            if not same[nth].reported_by_import(listen.source, import_id):
                decision.alternates.append((index, same[nth].ref))
        elif nth < len(same) + buried[telling]:
            decision.deleted.append(index)
        elif nth and listen.precision_s == 1:
            decision.repeated.append(index)
        else:
            unmatched.append(index)
    matched = _match(listens, unmatched, plays, deleted)
    for index in unmatched:
        found = matched.get(index)
        if found is None:
            place = (listens[index].played_at, listens[index].track_key)
            decision.new.append((index, ordinals[place]))
            ordinals[place] += 1
        elif isinstance(found, Tombstone):
            decision.deleted.append(index)
        else:
            decision.other_source.append(index)
            decision.alternates.append((index, found.ref))
            if SOURCES[listens[index].source] > SOURCES[found.shown.source]:
                decision.better.append((index, found.ref))
    return decision


def _decide_unknown(
    listens: Sequence[Listen], decision: Decision, known: Mapping[int, tuple[int, int]]
) -> Iterable[int]:
    """Decide about listens that nothing known can concern; gives the indexes of the others.

    That is nearly all of a first import, so it is done quickly.

    Args:
        listens: What comes in.
        decision: Where to write it down.
        known: From when to when something is known of a track.
    """
    times, tracks = [one[0] for one in listens], [one[1] for one in listens]
    if len(set(zip(times, tracks, strict=True))) < len(times):
        return range(len(listens))  # some are told twice
    if not known:
        decision.new = [(index, 0) for index in range(len(listens))]
        return ()
    unclear = [
        index
        for index, track in enumerate(tracks)
        if track in known
        and known[track][0] - MAX_WINDOW_MS <= times[index] <= known[track][1] + MAX_WINDOW_MS
    ]
    rest = set(unclear)
    decision.new = [(index, 0) for index in range(len(listens)) if index not in rest]
    return unclear


def _spans(
    plays: Mapping[int, list[_KnownPlay]], deleted: Mapping[int, list[Tombstone]]
) -> dict[int, tuple[int, int]]:
    """From when to when something is known of a track."""
    times: dict[int, list[int]] = defaultdict(list)
    for track, known in plays.items():
        times[track] += [report.played_at for play in known for report in play.reports]
        times[track] += [play.ref.played_at for play in known]
    for track, buried in deleted.items():
        times[track] += [tombstone.played_at for tombstone in buried]
    return {track: (min(found), max(found)) for track, found in times.items()}


def tolerance_ms(listen: Listen, other: SourceReport | Tombstone) -> int:
    """How far apart two sources may put the start of the same play."""
    duration = listen.duration_ms or other.duration_ms
    if duration is None:
        seconds = float(UNKNOWN_DURATION_TOLERANCE_S)
    else:
        seconds = min(max(MIN_TOLERANCE_S, duration / 2000), MAX_TOLERANCE_S)
    # A source that knows only minutes is up to one minute off by that alone.
    seconds += sum(precision for precision in (listen.precision_s, other.precision_s) if precision > 1)
    return round(seconds * 1000)


def _plays(reports: Iterable[SourceReport]) -> dict[int, list[_KnownPlay]]:
    """Known plays by track, each list in order of time."""
    by_ref: dict[PlayRef, _KnownPlay] = {}
    for report in reports:
        known = by_ref.get(report.ref)
        if known is None:
            by_ref[report.ref] = known = _KnownPlay(report.ref, [])
        known.reports.append(report)
    plays: dict[int, list[_KnownPlay]] = defaultdict(list)
    for ref in sorted(by_ref):
        plays[ref.track_key].append(by_ref[ref])
    return plays


class _ReportKey(NamedTuple):
    """Who told of what at which time."""

    source: str
    played_at: int
    track_key: int


def _by_report(plays: dict[int, list[_KnownPlay]]) -> dict[_ReportKey, list[_KnownPlay]]:
    """Known plays by every telling of them, each list in order of time."""
    exact: dict[_ReportKey, list[_KnownPlay]] = defaultdict(list)
    for known in plays.values():
        for play in known:
            for telling in {_ReportKey(s.source, s.played_at, s.track_key) for s in play.reports}:
                exact[telling].append(play)
    return exact


def _next_ordinals(plays: dict[int, list[_KnownPlay]]) -> dict[tuple[int, int], int]:
    """Which ordinal is free at a time and track."""
    ordinals: dict[tuple[int, int], int] = defaultdict(int)
    for known in plays.values():
        for play in known:
            place = play.ref[:2]
            ordinals[place] = max(ordinals[place], play.ref.ordinal + 1)
    return ordinals


def _by_track(tombstones: Iterable[Tombstone]) -> dict[int, list[Tombstone]]:
    deleted: dict[int, list[Tombstone]] = defaultdict(list)
    for tombstone in sorted(tombstones, key=lambda one: (one.played_at, one.id)):
        deleted[tombstone.track_key].append(tombstone)
    return deleted


def _match(
    listens: Sequence[Listen],
    unmatched: Sequence[int],
    plays: dict[int, list[_KnownPlay]],
    deleted: dict[int, list[Tombstone]],
) -> dict[int, _KnownPlay | Tombstone]:
    """Pair listens with plays that other sources told of, nearest first, each with one at the most."""
    pairs: list[tuple[int, int, int, _KnownPlay | Tombstone]] = []
    for index in unmatched:
        listen = listens[index]
        near = plays.get(listen.track_key, [])
        start = bisect_left(near, listen.played_at - MAX_WINDOW_MS, key=lambda one: one.ref.played_at)
        for play in near[start:]:
            if play.ref.played_at > listen.played_at + MAX_WINDOW_MS:
                break
            shown = play.shown
            distance = abs(shown.played_at - listen.played_at)
            if (
                distance <= tolerance_ms(listen, shown)
                and not play.reported_by(listen)
                and _alike(listen, shown)
            ):
                pairs.append((distance, index, 0, play))
        for tombstone in deleted.get(listen.track_key, ()):
            distance = abs(tombstone.played_at - listen.played_at)
            if (
                tombstone.whole_play
                and tombstone.source != listen.source
                and distance <= tolerance_ms(listen, tombstone)
            ):
                pairs.append((distance, index, 1, tombstone))
    matched: dict[int, _KnownPlay | Tombstone] = {}
    taken: set[PlayRef | int] = set()
    for _, index, _, found in sorted(pairs, key=lambda pair: pair[:3]):
        name = found.id if isinstance(found, Tombstone) else found.ref
        if index not in matched and name not in taken:
            matched[index] = found
            taken.add(name)
    return matched


def _alike(listen: Listen, shown: SourceReport) -> bool:
    """Whether two tellings can be of one play: not a skip and a play, not on two providers."""
    kinds = {listen.kind, shown.kind}
    providers = {listen.provider, shown.provider} - {"other"}
    return ("start" in kinds or len(kinds) == 1) and len(providers) <= 1
