"""What comes next after every outcome and every error."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from musicconnect.migrations.engine import transitions
from musicconnect.migrations.engine.sequence_diff import compare
from musicconnect.migrations.engine.transitions import Advance, Counts, Fail, RewriteMissing, Stage, Wait
from musicconnect.platform.status import Status
from musicconnect.providers import errors

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
COUNTS = Counts(total=240, matched=200, failed=40, review=10, written=61)


def decide(error: errors.ProviderError, stage: Stage = Stage.WRITE, attempts: int = 0) -> Wait | Fail:
    return transitions.on_error(error, stage=stage, attempts=attempts, counts=COUNTS, now=NOW, seed="mc-1")


def test_the_stages_follow_one_another() -> None:
    order = [Stage.READ]
    while order[-1] is not Stage.DONE:
        order.append(transitions.following(order[-1], COUNTS))
    assert order == [Stage.READ, Stage.MATCH, Stage.CREATE, Stage.WRITE, Stage.VERIFY, Stage.DONE]
    assert transitions.following(Stage.DONE, COUNTS) is Stage.DONE


def test_no_playlist_is_made_when_nothing_matched() -> None:
    assert transitions.following(Stage.MATCH, Counts(total=3, failed=3)) is Stage.DONE


def test_an_empty_playlist_is_made_all_the_same() -> None:
    assert transitions.following(Stage.MATCH, Counts()) is Stage.CREATE


def test_spent_quota_parks_until_it_is_renewed_and_says_so() -> None:
    error = errors.QuotaExhaustedError(
        "spent", provider="youtube", bucket="general", until=datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    )
    verdict = decide(error, attempts=7)
    assert verdict == Wait(
        until=error.until,
        state=Status(
            "waiting-for-quota",
            {
                "provider": "youtube",
                "until": "2026-11-23T08:00:00+00:00",
                "progress": {"code": "writing", "params": {"written": 61, "matched": 200}},
            },
        ),
        waiting_for="quota",
        attempts=7,
    )


def test_quota_renewed_in_the_past_is_not_waited_for_again_and_again_at_once() -> None:
    error = errors.QuotaExhaustedError("spent", provider="youtube", bucket="search", until=NOW - timedelta(1))
    verdict = decide(error)
    assert isinstance(verdict, Wait)
    assert verdict.until > NOW


def test_a_burst_limit_waits_at_least_as_long_as_asked() -> None:
    verdict = decide(errors.RateLimitedError("slow", provider="spotify", retry_after=37))
    assert isinstance(verdict, Wait)
    assert verdict.until >= NOW + timedelta(seconds=37)
    assert verdict.attempts == 1
    assert verdict.state.params["cause"] == {"code": "rate-limited", "params": {"provider": "spotify"}}


def test_a_write_in_doubt_is_not_looked_for_before_lists_can_show_it() -> None:
    verdict = decide(errors.TransientError("?", provider="youtube", retry_after=0.5, may_have_applied=True))
    assert isinstance(verdict, Wait)
    assert verdict.until >= NOW + transitions.CONSISTENCY_DELAY


@pytest.mark.parametrize("stage", [Stage.READ, Stage.MATCH, Stage.CREATE, Stage.WRITE, Stage.VERIFY])
def test_an_outage_is_waited_for_in_every_stage(stage: Stage) -> None:
    verdict = decide(errors.TransientError("down", provider="youtube"), stage, attempts=4)
    assert isinstance(verdict, Wait)
    assert verdict.attempts == 5
    assert (verdict.state.code, verdict.state.params["attempts"]) == ("waiting-for-provider", 5)


def test_endless_trouble_ends_in_a_failure_that_says_so() -> None:
    verdict = decide(
        errors.TransientError("It was down.", provider="youtube"), attempts=transitions.MAX_ATTEMPTS - 1
    )
    assert isinstance(verdict, Fail)
    assert verdict.state == Status(
        "gave-up", {"provider": "youtube", "message": "It was down.", "attempts": transitions.MAX_ATTEMPTS}
    )


@pytest.mark.parametrize(
    ("error", "stage", "code"),
    [
        (errors.NotLinkedError("x", provider="spotify"), Stage.READ, "not-linked"),
        (errors.ConsentRevokedError("x", provider="spotify"), Stage.READ, "consent-needed"),
        (errors.ConsentRevokedError("x", provider="youtube"), Stage.WRITE, "consent-needed"),
        (errors.ScopeMissingError("x", provider="youtube"), Stage.CREATE, "more-access-needed"),
        (errors.NoChannelError("x", provider="youtube"), Stage.CREATE, "no-channel"),
        (errors.NotFoundError("x", provider="spotify"), Stage.READ, "source-gone"),
        (errors.NotAllowedError("Not yours", provider="spotify"), Stage.READ, "refused-by-provider"),
        (errors.NotAllowedError("Forbidden", provider="youtube"), Stage.WRITE, "refused-by-provider"),
        (errors.RejectedError("Bad id", provider="spotify"), Stage.READ, "refused-by-provider"),
        (errors.RejectedError("Bad name", provider="youtube"), Stage.CREATE, "refused-by-provider"),
    ],
)
def test_permanent_errors_fail_with_what_to_do(error: errors.ProviderError, stage: Stage, code: str) -> None:
    verdict = decide(error, stage)
    assert isinstance(verdict, Fail)
    assert verdict.state.code == code


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        (Stage.MATCH, errors.NotFoundError("x", provider="youtube")),
        (Stage.MATCH, errors.RejectedError("x", provider="youtube")),
        (Stage.CREATE, errors.NotFoundError("x", provider="youtube")),
    ],
)
def test_calls_that_name_nothing_cannot_find_it_gone(stage: Stage, error: errors.ProviderError) -> None:
    assert isinstance(decide(error, stage), Wait)


def test_a_new_target_is_given_time_to_be_known_everywhere() -> None:
    error = errors.NotFoundError("x", provider="youtube")
    assert isinstance(decide(error, Stage.WRITE, attempts=0), Wait)
    gone = decide(error, Stage.WRITE, attempts=transitions.MAX_NOT_FOUND)
    assert isinstance(gone, Fail)
    assert gone.state == Status("target-gone", {"provider": "youtube"})


def test_backoff_grows_to_an_hour_and_differs_between_playlists() -> None:
    def delay(attempts: int, seed: str = "mc-1") -> float:
        error = errors.TransientError("down", provider="youtube")
        verdict = transitions.on_error(
            error, stage=Stage.WRITE, attempts=attempts, counts=COUNTS, now=NOW, seed=seed
        )
        assert isinstance(verdict, Wait)
        return (verdict.until - NOW).total_seconds()

    delays = [delay(attempts) for attempts in range(30)]
    assert all(2**n / 2 <= delay <= 2**n for n, delay in enumerate(delays[:11]))
    assert max(delays) <= transitions.MAX_BACKOFF_S
    assert delays == [delay(attempts) for attempts in range(30)]
    assert len({delay(5, f"mc-{n}") for n in range(50)}) > 40


def test_a_changed_source_is_read_again_then_waited_for_then_given_up() -> None:
    verdicts = [
        transitions.after_change(rereads=n, now=NOW, seed="mc-1")
        for n in range(2 * transitions.MAX_REREADS + 1)
    ]
    assert verdicts[: transitions.MAX_REREADS] == [Advance(Stage.READ)] * transitions.MAX_REREADS
    waits = verdicts[transitions.MAX_REREADS : -1]
    assert all(isinstance(verdict, Wait) and verdict.until > NOW + timedelta(minutes=1) for verdict in waits)
    assert isinstance(verdicts[-1], Fail)


def test_absence_is_believed_once_lists_have_settled() -> None:
    assert transitions.visible_after(None, NOW) is None
    assert transitions.visible_after(NOW, NOW) == NOW + transitions.CONSISTENCY_DELAY
    assert transitions.visible_after(NOW - transitions.CONSISTENCY_DELAY, NOW) is None


def look(expected: str, found: str, looks: int = 0, repairs: int = 0) -> transitions.Verdict | RewriteMissing:
    return transitions.after_verification(
        compare(expected, found), len(expected), looks=looks, repairs=repairs, target="youtube", now=NOW
    )


def test_a_target_as_written_is_done_whatever_else_is_in_it() -> None:
    assert look("abc", "abc") == Advance(Stage.DONE)
    assert look("abc", "abcx") == Advance(Stage.DONE)
    assert look("", "") == Advance(Stage.DONE)


def test_a_list_that_lags_is_looked_at_again_ever_later() -> None:
    waits = [look("abc", "ab", looks=n) for n in range(transitions.MAX_LOOKS)]
    times = [verdict.until for verdict in waits if isinstance(verdict, Wait)]
    assert len(times) == transitions.MAX_LOOKS
    assert all(later > sooner for sooner, later in pairwise(times))


def test_a_missing_end_is_written_again_but_not_for_ever() -> None:
    assert look("abcd", "ab", looks=transitions.MAX_LOOKS) == RewriteMissing((2, 3))
    verdict = look("abcd", "ab", looks=transitions.MAX_LOOKS, repairs=transitions.MAX_REPAIRS)
    differences = {"missing": 2, "doubled": 0, "reordered": False}
    assert verdict == Fail(Status("not-as-written", {"provider": "youtube", **differences}))


@pytest.mark.parametrize(
    ("found", "difference"), [("ac", "missing"), ("abbc", "doubled"), ("acb", "reordered")]
)
def test_what_appending_cannot_mend_fails_with_the_reason(found: str, difference: str) -> None:
    verdict = look("abc", found, looks=transitions.MAX_LOOKS)
    assert isinstance(verdict, Fail)
    assert verdict.state.params[difference] == 1


def test_doubles_and_disorder_do_not_heal_by_waiting() -> None:
    assert isinstance(look("abc", "abbc"), Fail)
    assert isinstance(look("abc", "acb"), Fail)


def test_a_bug_of_ours_fails_a_playlist_only_after_many_tries() -> None:
    assert transitions.after_crash(transitions.MAX_CRASHES - 1) is None
    assert isinstance(transitions.after_crash(transitions.MAX_CRASHES), Fail)


@pytest.mark.parametrize(
    ("error", "doubt"),
    [
        (errors.TransientError("x", provider="p", may_have_applied=True), True),
        (errors.TransientError("x", provider="p"), False),
        (errors.RateLimitedError("x", provider="p"), False),
        (errors.NotAllowedError("x", provider="p"), False),
    ],
)
def test_which_errors_leave_a_write_in_doubt(error: errors.ProviderError, doubt: bool) -> None:
    assert transitions.may_have_applied(error) is doubt


def test_the_cap_on_new_playlists_is_not_called_a_spent_allowance() -> None:
    error = errors.QuotaExhaustedError(
        "spent", provider="youtube", bucket=transitions.NEW_PLAYLISTS, until=NOW + timedelta(hours=9)
    )
    verdict = decide(error, Stage.CREATE)
    assert isinstance(verdict, Wait)
    assert verdict.state.code == "waiting-for-new-playlists"


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.READ, Status("reading", {"total": 240})),
        (Stage.MATCH, Status("matching", {"done": 240, "total": 240})),
        (Stage.CREATE, Status("creating", {"matched": 200, "total": 240})),
        (Stage.WRITE, Status("writing", {"written": 61, "matched": 200})),
        (Stage.VERIFY, Status("verifying", {"written": 61})),
        (Stage.UNDO, Status("rolling-back")),
    ],
)
def test_progress_is_told_by_the_stage(stage: Stage, state: Status) -> None:
    assert transitions.progress(stage, COUNTS) == state


def test_an_end_is_told_by_what_it_ended() -> None:
    assert transitions.ended(Counts()) == Status("empty")
    assert transitions.ended(COUNTS, is_rollback=True) == Status("rolled-back")
    assert transitions.ended(COUNTS, target="youtube", dry_run=True).code == "dry-run-completed"
    assert transitions.ended(COUNTS).params["written"] == 61


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.PlaylistFullError("x", provider="youtube"), "playlist-full"),
        (errors.DuplicateRefusedError("x", provider="youtube"), "duplicate-refused"),
        (errors.RejectedError("The video is private.", provider="youtube"), "refused-by-provider"),
    ],
)
def test_refused_tracks_say_why(error: errors.ProviderError, code: str) -> None:
    assert transitions.track_refusal(error).code == code
