"""Deciding what is new: a small model of the database around `decide`, and what must always hold."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.plays.deduplication import Decision, PlayRef, SourceReport, Tombstone, decide
from musicconnect.trends.plays.model import Listen, listen

SOURCES = ("spotify_account", "lastfm", "listenbrainz")
PRECISION = {"spotify_account": 60, "lastfm": 1, "listenbrainz": 1}
BASE = 1_700_000_000_000


def listen_of(source: str, second: int, track: str = "a", ms_played: int | None = None) -> Listen:
    return listen(
        played_at=BASE + second * 1000,
        title=track,
        artist="x",
        source=source,
        ms_played=ms_played,
        precision_s=PRECISION[source],
    )


@dataclass
class Known:
    """What the database would hold."""

    reports: list[SourceReport] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)

    def add(self, listens: list[Listen], import_id: int | None = None) -> Decision:
        decision = decide(listens, self.reports, self.tombstones, import_id)
        for index, ordinal in decision.new:
            ref = PlayRef(listens[index].played_at, listens[index].track_key, ordinal)
            assert ref not in {one.ref for one in self.reports}
            self._see(listens[index], ref, import_id, is_primary=True)
        for index, ref in decision.alternates:
            self._see(listens[index], ref, import_id, is_primary=False)
        return decision

    def _see(self, one: Listen, ref: PlayRef, import_id: int | None, *, is_primary: bool) -> None:
        self.reports.append(
            SourceReport(
                ref, is_primary, one.played_at, one.track_key, one.source, import_id, one.precision_s,
                one.duration_ms, one.kind, one.provider,
            )
        )  # fmt: skip

    @property
    def plays(self) -> int:
        return len({one.ref for one in self.reports})


listens = st.builds(
    listen_of,
    st.sampled_from(SOURCES),
    st.integers(0, 600),
    st.sampled_from("ab"),
    st.sampled_from([None, 100]),
)


def of_one_source(size: int = 12) -> st.SearchStrategy[list[Listen]]:
    return st.sampled_from(SOURCES).flatmap(
        lambda source: st.lists(
            listens.map(lambda one: one._replace(source=source, precision_s=PRECISION[source])), max_size=size
        )
    )


@given(st.lists(of_one_source(), max_size=5))
def test_every_listen_is_decided_once(batches: list[list[Listen]]) -> None:
    known = Known()
    for batch in batches:
        decision = known.add(batch)
        decided = [index for index, _ in decision.new]
        decided += decision.already_here + decision.other_source + decision.repeated + decision.deleted
        assert sorted(decided) == list(range(len(batch)))
        assert {index for index, _ in decision.better} <= {index for index, _ in decision.alternates}


@given(of_one_source(), st.integers(1, 3))
def test_the_same_again_is_never_new(batch: list[Listen], times: int) -> None:
    known = Known()
    known.add(batch, import_id=1)
    plays = known.plays
    for again in range(times):
        assert known.add(batch, import_id=2 + again).new == []
        assert known.plays == plays


@given(st.lists(of_one_source(), max_size=6))
def test_a_source_reports_a_play_at_most_once_and_every_play_has_a_report(
    batches: list[list[Listen]],
) -> None:
    known = Known()
    for number, batch in enumerate(batches):
        known.add(batch, import_id=number)
    reports = Counter((one.ref, one.source, one.import_id) for one in known.reports)
    assert set(reports.values()) <= {1}


@given(of_one_source())
def test_what_one_source_alone_reports_is_all_new_but_repeats_of_a_second(batch: list[Listen]) -> None:
    known = Known()
    known.add(batch)
    exact = Counter((one.played_at, one.track_key) for one in batch)
    coarse = bool(batch) and batch[0].precision_s > 1
    assert known.plays == (sum(exact.values()) if coarse else len(exact))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=10, unique=True), st.integers(-25, 25))
def test_repeats_reported_by_two_sources_are_matched_one_to_one(minutes: list[int], shift: int) -> None:
    """Plays a minute apart at the least, reported by a second source up to 25 seconds off."""
    seconds = sorted(minute * 60 for minute in minutes)
    known = Known()
    known.add([listen_of("lastfm", second) for second in seconds])
    decision = known.add([listen_of("listenbrainz", second + shift) for second in seconds])
    assert decision.new == []
    assert len(decision.other_source) == len(seconds)
    assert known.plays == len(seconds)


@given(of_one_source(), st.data())
def test_what_was_deleted_stays_away(batch: list[Listen], data: st.DataObject) -> None:
    known = Known()
    known.add(batch)
    if not known.reports:
        return
    gone = data.draw(st.sampled_from(known.reports))
    known.reports = [one for one in known.reports if one.ref != gone.ref]
    known.tombstones.append(
        Tombstone(1, gone.played_at, gone.track_key, gone.source, gone.precision_s, None, whole_play=True)
    )
    decision = known.add(batch)
    assert decision.new == []
    assert len(decision.deleted) >= 1


def test_a_source_in_minutes_and_in_seconds_reports_the_same_plays() -> None:
    known = Known()
    known.add([listen_of("lastfm", 31), listen_of("lastfm", 95)])
    again = [one._replace(precision_s=60) for one in (listen_of("lastfm", 0), listen_of("lastfm", 60))]
    assert known.add(again).new == []
    assert known.add(again).new == []


def test_the_longer_list_of_repeats_counts() -> None:
    known = Known()
    known.add([listen_of("spotify_account", 0, ms_played=5)] * 2, 1)
    assert len(known.add([listen_of("spotify_account", 0, ms_played=5)] * 3, 2).new) == 1
    assert known.plays == 3


def test_a_report_that_was_deleted_with_its_source_does_not_block_others() -> None:
    known = Known(tombstones=[Tombstone(1, BASE, listen_of("lastfm", 0).track_key, "lastfm", 1, None, False)])
    assert len(known.add([listen_of("listenbrainz", 1)]).new) == 1
    assert known.add([listen_of("lastfm", 0)]).deleted == [0]


def test_what_was_played_elsewhere_is_another_play() -> None:
    known = Known()
    known.add([listen_of("lastfm", 0)._replace(provider="spotify")])
    assert len(known.add([listen_of("listenbrainz", 0)._replace(provider="youtube")]).new) == 1


def test_the_duration_limits_how_far_apart_two_reports_may_be() -> None:
    for duration, second, new in ((200_000, 99, 0), (200_000, 101, 1), (20_000, 29, 0), (20_000, 31, 1)):
        known = Known()
        known.add([listen_of("lastfm", 0)])
        batch = [listen_of("listenbrainz", second)._replace(duration_ms=duration)]
        assert len(known.add(batch).new) == new
