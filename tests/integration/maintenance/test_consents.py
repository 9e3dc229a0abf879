"""Consents over months: confirmed, told of before they end, taken for ended, and cleared away."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.maintenance.runner import MaintenanceRunner
from tests.integration.providers.helpers import next_step
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
PROFILE = {"spotify": "GET /v1/me", "youtube": "GET /youtube/v3/channels"}


@pytest.fixture
def person(maintenance: MaintenanceRunner) -> Person:
    return new_person(maintenance.harness)


def account(maintenance: MaintenanceRunner, person: Person, provider: str) -> tuple[Any, ...] | None:
    rows = maintenance.sql(
        """
        SELECT a.status, t.account_id IS NOT NULL FROM providers.accounts a
        LEFT JOIN providers.tokens t ON t.account_id = a.id WHERE a.user_id = %s AND provider = %s""",
        person.id, provider,
    )  # fmt: skip
    return rows[0] if rows else None


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_every_month_the_provider_confirms_it(
    maintenance: MaintenanceRunner, person: Person, provider: str
) -> None:
    link(person, provider)
    simulator = {"spotify": maintenance.spotify, "youtube": maintenance.youtube}[provider]
    maintenance.sql("UPDATE providers.accounts SET display_name = 'as it was a month ago'")
    simulator.clear_calls()
    maintenance.at(27 * DAY)
    maintenance.run("consent_checks")
    assert simulator.calls() == {}

    maintenance.at(28 * DAY + timedelta(hours=1))
    maintenance.run("consent_checks")
    maintenance.run("consent_checks")

    assert simulator.calls()[PROFILE[provider]] == 1
    ((name,),) = maintenance.sql("SELECT display_name FROM providers.accounts")
    assert name != "as it was a month ago"


def test_a_consent_that_was_withdrawn_is_found_and_its_data_goes_a_month_later(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "youtube")
    maintenance.youtube.fault("POST /token", status=400, body={"error": "invalid_grant"}, times=None)
    maintenance.at(28 * DAY + timedelta(hours=1))
    maintenance.run()
    assert account(maintenance, person, "youtube") == ("consent_needed", False)
    maintenance.at(58 * DAY)
    maintenance.run()
    assert account(maintenance, person, "youtube") == ("consent_needed", False)

    maintenance.at(58 * DAY + timedelta(hours=2))
    maintenance.run()

    assert account(maintenance, person, "youtube") is None


def test_linking_again_saves_the_account(maintenance: MaintenanceRunner, person: Person) -> None:
    link(person, "youtube")
    maintenance.sql("UPDATE providers.accounts SET status = 'consent_needed', status_since = now()")
    maintenance.at(29 * DAY)
    link(person, "youtube")
    maintenance.at(40 * DAY)
    maintenance.run()
    assert account(maintenance, person, "youtube") == ("active", True)


def test_a_provider_that_is_down_is_asked_again_and_nothing_is_lost(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "youtube")
    maintenance.youtube.fault(PROFILE["youtube"], status=503, times=None)
    maintenance.at(29 * DAY)
    maintenance.run("consent_checks")
    maintenance.at(29 * DAY + timedelta(hours=1))
    maintenance.run("consent_checks")
    assert account(maintenance, person, "youtube") == ("active", True)
    assert maintenance.youtube.calls()[PROFILE["youtube"]] >= 3  # the linking's own is one
    maintenance.youtube.control("DELETE", "/faults")
    maintenance.at(29 * DAY + timedelta(hours=2))
    maintenance.run("consent_checks")
    ((late,),) = maintenance.sql(
        "SELECT checked_at < %s FROM providers.accounts", maintenance.started + 29 * DAY
    )
    assert late is False


def test_a_provider_that_refuses_us_for_good_counts_as_an_ended_consent_after_a_month(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "spotify")
    maintenance.spotify.fault(PROFILE["spotify"], ready_made="not_registered", times=None)
    maintenance.at(29 * DAY)
    maintenance.run("consent_checks")
    assert account(maintenance, person, "spotify") == ("active", True)
    maintenance.at(30 * DAY + timedelta(hours=1))
    maintenance.run("consent_checks")
    assert account(maintenance, person, "spotify") == ("consent_needed", False)


def test_no_channel_is_no_missing_consent(maintenance: MaintenanceRunner, person: Person) -> None:
    link(person, "youtube")
    maintenance.youtube.fault(PROFILE["youtube"], ready_made="signup_required", times=None)
    maintenance.at(31 * DAY)
    maintenance.run("consent_checks")
    assert account(maintenance, person, "youtube") == ("no_channel", True)
    ((confirmed,),) = maintenance.sql(
        "SELECT checked_at > %s FROM providers.accounts", maintenance.started + 30 * DAY
    )
    assert confirmed


def test_spotifys_six_months(maintenance: MaintenanceRunner, person: Person) -> None:
    """Warned once from day 150, ended on the day, and gone with everything a month later."""
    link(person, "spotify")
    told = []
    for day in (100, 149, 151, 160, 170):
        maintenance.at(day * DAY)
        warned = maintenance.run("consent_warnings")["done"].get("consent_warnings", 0)
        told.append((day, warned, next_step(person, "spotify")))
    assert told == [
        (100, 0, None), (149, 0, None), (151, 1, "consent-ends"), (160, 0, "consent-ends"),
        (170, 0, "consent-ends"),
    ]  # fmt: skip
    maintenance.sql("UPDATE providers.accounts SET checked_at = %s", maintenance.now)
    maintenance.at(178 * DAY)  # no six months are shorter than 181 days
    maintenance.run("lapsed_consents")
    assert account(maintenance, person, "spotify") == ("active", True)

    maintenance.at(185 * DAY)
    maintenance.run("lapsed_consents")
    assert account(maintenance, person, "spotify") == ("consent_needed", False)
    assert next_step(person, "spotify") == "consent-needed"
    maintenance.at(214 * DAY)
    maintenance.run("unusable_accounts")
    assert account(maintenance, person, "spotify") is not None
    maintenance.at(216 * DAY)
    maintenance.run("unusable_accounts")
    assert account(maintenance, person, "spotify") is None


def test_a_new_consent_is_warned_of_again(maintenance: MaintenanceRunner, person: Person) -> None:
    link(person, "spotify")
    maintenance.at(155 * DAY)
    assert maintenance.run("consent_warnings")["done"] == {"consent_warnings": 1}
    link(person, "spotify")
    maintenance.at(200 * DAY)
    assert maintenance.run("consent_warnings")["done"] == {}
    maintenance.at(310 * DAY)
    assert maintenance.run("consent_warnings")["done"] == {"consent_warnings": 1}


def test_one_account_that_breaks_does_not_keep_the_others_from_being_asked(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    link(person, "youtube")
    other = new_person(maintenance.harness)
    link(other, "youtube", login="ada")
    maintenance.sql(
        "UPDATE providers.accounts SET authorized_at = 'infinity', "
        "checked_at = checked_at - interval '1 hour' WHERE user_id = %s", person.id,
    )  # fmt: skip
    maintenance.at(29 * DAY)
    answer = maintenance.harness.invoke("maintenance", {"tasks": ["consent_checks", "sessions"]})
    assert answer["failed"] == ["consent_checks"]
    assert answer["done"] == {"consent_checks": 1}
