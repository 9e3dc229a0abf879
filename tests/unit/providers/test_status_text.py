"""One wording for what providers answer: codes, parameters, and the reader's time zone."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import clock
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import errors
from musicconnect.providers.status_text import TEXTS, render

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNTIL = datetime(2026, 11, 23, 8, tzinfo=UTC)
PARAMS = {
    "provider": "youtube",
    "message": "the video is private",
    "until": UNTIL.isoformat(),
    "ends_on": "2026-12-01",
}
ERRORS: list[errors.ProviderError] = [
    errors.NotLinkedError("x", provider="spotify"),
    errors.ConsentRevokedError("x", provider="spotify"),
    errors.ScopeMissingError("x", provider="spotify"),
    errors.NoChannelError("x", provider="youtube"),
    errors.NotFoundError("x", provider="spotify"),
    errors.NotAllowedError("x", provider="spotify"),
    errors.RejectedError("x", provider="spotify"),
    errors.QuotaExhaustedError("x", provider="youtube", bucket="search", until=UNTIL),
    errors.RateLimitedError("x", provider="spotify", retry_after=3),
    errors.TransientError("x", provider="spotify"),
]


@pytest.mark.parametrize("code", TEXTS)
def test_every_text_is_a_sentence_without_a_path_of_the_api(code: str) -> None:
    text = render(Status(code, PARAMS), Reader(NOW))
    assert text[0].isupper()
    assert "/v1/" not in text
    assert text.endswith((".", "https://myaccount.google.com/permissions"))


def test_times_are_in_the_readers_zone() -> None:
    state = Status("quota-exhausted", PARAMS)
    here = Reader.of("Europe/Berlin", NOW)
    assert (
        render(state, here) == "YouTube's allowance for today is spent. It is renewed at Mon 23 Nov, 09:00."
    )


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_problem_has_the_code_and_the_words_of_the_state(error: errors.ProviderError) -> None:
    problem, state = error.problem(), error.status
    assert problem.slug == state.code
    assert (problem.detail or "").startswith(render(state, Reader(clock.now())))
    assert problem.members["provider"] == error.provider


def test_a_problem_says_what_can_be_done_by_a_member() -> None:
    needs_link = [error for error in ERRORS if error.problem().members.get("action") == "link"]
    assert needs_link == ERRORS[:3]
    assert ERRORS[2].problem().members["access"] == "write"
    until = errors.QuotaExhaustedError(
        "x", provider="youtube", bucket="search", until=clock.now() + timedelta(hours=1)
    )
    assert 3590 < (until.problem().retry_after or 0) <= 3600
