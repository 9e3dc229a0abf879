"""Consents over months: confirmed, told of before they end, taken for ended, and cleared away."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.maintenance.runner import Keeper
from tests.integration.providers.helpers import next_step
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
PROFILE = {"spotify": "GET /v1/me", "youtube": "GET /youtube/v3/channels"}


@pytest.fixture
def person(keeper: Keeper) -> Person:
    return new_person(keeper.harness)


def account(keeper: Keeper, person: Person, provider: str) -> tuple[Any, ...] | None:
    rows = keeper.sql(
        """
        SELECT a.status, t.account_id IS NOT NULL FROM providers.accounts a
        LEFT JOIN providers.tokens t ON t.account_id = a.id WHERE a.user_id = %s AND provider = %s""",
        person.id, provider,
    )  # fmt: skip
    return rows[0] if rows else None


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_every_month_the_provider_confirms_it(keeper: Keeper, person: Person, provider: str) -> None:
    link(person, provider)
    simulator = {"spotify": keeper.spotify, "youtube": keeper.youtube}[provider]
    keeper.sql("UPDATE providers.accounts SET display_name = 'as it was a month ago'")
    simulator.forget_calls()
    keeper.at(27 * DAY)
    keeper.run("consent_checks")
    assert simulator.calls() == {}

    keeper.at(28 * DAY + timedelta(hours=1))
    keeper.run("consent_checks")
    keeper.run("consent_checks")

    assert simulator.calls()[PROFILE[provider]] == 1
    ((name,),) = keeper.sql("SELECT display_name FROM providers.accounts")
    assert name != "as it was a month ago"


def test_a_consent_that_was_withdrawn_is_found_and_its_data_goes_a_month_later(
    keeper: Keeper, person: Person
) -> None:
    link(person, "youtube")
    keeper.youtube.fault("POST /token", status=400, body={"error": "invalid_grant"}, times=None)
    keeper.at(28 * DAY + timedelta(hours=1))
    keeper.run()
    assert account(keeper, person, "youtube") == ("consent_needed", False)
    keeper.at(58 * DAY)
    keeper.run()
    assert account(keeper, person, "youtube") == ("consent_needed", False)

    keeper.at(58 * DAY + timedelta(hours=2))
    keeper.run()

    assert account(keeper, person, "youtube") is None


def test_linking_again_saves_the_account(keeper: Keeper, person: Person) -> None:
    link(person, "youtube")
    keeper.sql("UPDATE providers.accounts SET status = 'consent_needed', status_since = now()")
    keeper.at(29 * DAY)
    link(person, "youtube")
    keeper.at(40 * DAY)
    keeper.run()
    assert account(keeper, person, "youtube") == ("active", True)


def test_a_provider_that_is_down_is_asked_again_and_nothing_is_lost(keeper: Keeper, person: Person) -> None:
    link(person, "youtube")
    keeper.youtube.fault(PROFILE["youtube"], status=503, times=None)
    keeper.at(29 * DAY)
    keeper.run("consent_checks")
    keeper.at(29 * DAY + timedelta(hours=1))
    keeper.run("consent_checks")
    assert account(keeper, person, "youtube") == ("active", True)
    assert keeper.youtube.calls()[PROFILE["youtube"]] >= 3  # the linking's own is one
    keeper.youtube.control("DELETE", "/faults")
    keeper.at(29 * DAY + timedelta(hours=2))
    keeper.run("consent_checks")
    ((late,),) = keeper.sql("SELECT checked_at < %s FROM providers.accounts", keeper.started + 29 * DAY)
    assert late is False


def test_a_provider_that_refuses_us_for_good_counts_as_an_ended_consent_after_a_month(
    keeper: Keeper, person: Person
) -> None:
    link(person, "spotify")
    keeper.spotify.fault(PROFILE["spotify"], ready_made="not_registered", times=None)
    keeper.at(29 * DAY)
    keeper.run("consent_checks")
    assert account(keeper, person, "spotify") == ("active", True)
    keeper.at(30 * DAY + timedelta(hours=1))
    keeper.run("consent_checks")
    assert account(keeper, person, "spotify") == ("consent_needed", False)


def test_no_channel_is_no_missing_consent(keeper: Keeper, person: Person) -> None:
    link(person, "youtube")
    keeper.youtube.fault(PROFILE["youtube"], ready_made="signup_required", times=None)
    keeper.at(31 * DAY)
    keeper.run("consent_checks")
    assert account(keeper, person, "youtube") == ("no_channel", True)
    ((confirmed,),) = keeper.sql("SELECT checked_at > %s FROM providers.accounts", keeper.started + 30 * DAY)
    assert confirmed


def test_spotifys_six_months(keeper: Keeper, person: Person) -> None:
    """Warned once from day 150, ended on the day, and gone with everything a month later."""
    link(person, "spotify")
    told = []
    for day in (100, 149, 151, 160, 170):
        keeper.at(day * DAY)
        warned = keeper.run("consent_warnings")["done"].get("consent_warnings", 0)
        told.append((day, warned, next_step(person, "spotify")))
    assert told == [
        (100, 0, None), (149, 0, None), (151, 1, "consent-ends"), (160, 0, "consent-ends"),
        (170, 0, "consent-ends"),
    ]  # fmt: skip
    keeper.sql("UPDATE providers.accounts SET checked_at = %s", keeper.now)
    keeper.at(178 * DAY)  # no six months are shorter than 181 days
    keeper.run("lapsed_consents")
    assert account(keeper, person, "spotify") == ("active", True)

    keeper.at(185 * DAY)
    keeper.run("lapsed_consents")
    assert account(keeper, person, "spotify") == ("consent_needed", False)
    assert next_step(person, "spotify") == "consent-needed"
    keeper.at(214 * DAY)
    keeper.run("unusable_accounts")
    assert account(keeper, person, "spotify") is not None
    keeper.at(216 * DAY)
    keeper.run("unusable_accounts")
    assert account(keeper, person, "spotify") is None


def test_a_new_consent_is_warned_of_again(keeper: Keeper, person: Person) -> None:
    link(person, "spotify")
    keeper.at(155 * DAY)
    assert keeper.run("consent_warnings")["done"] == {"consent_warnings": 1}
    link(person, "spotify")
    keeper.at(200 * DAY)
    assert keeper.run("consent_warnings")["done"] == {}
    keeper.at(310 * DAY)
    assert keeper.run("consent_warnings")["done"] == {"consent_warnings": 1}


def test_one_account_that_breaks_does_not_keep_the_others_from_being_asked(
    keeper: Keeper, person: Person
) -> None:
    link(person, "youtube")
    other = new_person(keeper.harness)
    link(other, "youtube", login="ada")
    keeper.sql(
        "UPDATE providers.accounts SET authorized_at = 'infinity', "
        "checked_at = checked_at - interval '1 hour' WHERE user_id = %s", person.id,
    )  # fmt: skip
    keeper.at(29 * DAY)
    answer = keeper.harness.invoke("maintenance", {"duties": ["consent_checks", "sessions"]})
    assert answer["failed"] == ["consent_checks"]
    assert answer["done"] == {"consent_checks": 1}
