"""The profile, and the end of an account."""

import pytest

from musicconnect.api import binding
from musicconnect.core import accounts
from musicconnect.core.schemas import ProfileChange
from musicconnect.platform import database as platform_database
from musicconnect.platform.problems import Problem
from musicconnect.providers.accounts import unlinking
from tests.integration.schema.rows import fill_everything
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql


def can_sign_in(person: Person) -> bool:
    body = {"email": person.email, "password": person.password}
    return person.harness.call("POST", "/v1/auth/login", body).status == 200


class TestTheProfile:
    def test_changes_what_is_named(self, core_harness: FunctionRunner, shifted_clock: ShiftedClock) -> None:
        person = core_harness.sign_up(display_name="Before", time_zone="Asia/Tokyo")
        before = person.call("GET", "/v1/me").json
        shifted_clock.set_offset(60)

        answer = person.call("PATCH", "/v1/me", {"display_name": " A\u030angstro\u0308m ", "time_zone": None})

        assert answer.status == 200
        assert answer.json == person.call("GET", "/v1/me").json
        assert answer.json == {
            **before,
            "display_name": "\u00c5ngstr\u00f6m",
            "updated_at": answer.json["updated_at"],
        }
        assert answer.json["updated_at"] > before["updated_at"]

    def test_says_how_recordings_are_matched(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        before = person.call("GET", "/v1/me").json
        assert (before["match_content"], before["match_strictness"]) == ("same", "strict")

        changed = person.call("PATCH", "/v1/me", {"match_content": "clean"}).json
        assert (changed["match_content"], changed["match_strictness"]) == ("clean", "strict")
        changed = person.call("PATCH", "/v1/me", {"match_strictness": "lenient"}).json
        assert (changed["match_content"], changed["match_strictness"]) == ("clean", "lenient")

    @pytest.mark.parametrize(
        "body",
        [
            {"time_zone": "Nowhere"},
            {"display_name": 7},
            {"email": "new@example.org"},
            {"id": 1},
            {"display_name": ""},
            {"match_content": "loud"},
            {"match_strictness": "none"},
        ],
    )
    def test_refuses_anything_else(self, core_harness: FunctionRunner, body: dict[str, object]) -> None:
        person = core_harness.sign_up()
        before = person.call("GET", "/v1/me").json

        answer = person.call("PATCH", "/v1/me", body)

        assert answer.status == 422
        assert answer.json["errors"][0]["path"] == f"body.{next(iter(body))}"
        assert person.call("GET", "/v1/me").json == before

    def test_of_a_deleted_account_is_not_found(
        self, core_harness: FunctionRunner, core_database: platform_database.Database
    ) -> None:
        """As when the account ends between the authorizer's look and the request."""
        person = core_harness.sign_up()
        caller = binding.Caller(person.id, 1)
        person.call("DELETE", "/v1/me")

        with pytest.raises(Problem) as gone:
            accounts.profile(core_database, caller)
        assert gone.value.status == 404
        with pytest.raises(Problem) as gone:
            accounts.change_profile(core_database, caller, ProfileChange(display_name="Ghost"))
        assert gone.value.status == 404


class TestDeletingTheAccount:
    def test_removes_everything_of_the_person_and_nothing_of_others(
        self, core_harness: FunctionRunner, owner_url: str
    ) -> None:
        person, other = core_harness.sign_up(), core_harness.sign_up()
        belongings = person_with_belongings(owner_url, person.id)
        kept = person_with_belongings(owner_url, other.id)
        assert belongings == kept
        assert min(belongings.values()) > 0

        assert person.call("DELETE", "/v1/me").status == 204

        assert person.call("GET", "/v1/me").status == 401
        assert not can_sign_in(person)
        assert set(rows_of(owner_url, person.id).values()) == {0}
        assert rows_of(owner_url, other.id) == kept
        assert other.call("GET", "/v1/me").status == 200

    def test_frees_the_address(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up(email="again@example.org")
        person.call("DELETE", "/v1/me")

        assert core_harness.sign_up(email="again@example.org").id != person.id

    def test_goes_on_when_a_provider_cannot_be_told(
        self, core_harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = core_harness.sign_up()
        told: list[int] = []

        def out_of_order(database: platform_database.Database, user_id: int) -> None:
            told.append(user_id)
            raise ConnectionError("the provider is down")

        monkeypatch.setattr(unlinking, "revoke_all", out_of_order)

        assert person.call("DELETE", "/v1/me").status == 204
        assert told == [person.id]
        assert person.call("GET", "/v1/me").status == 401


def owned_tables(url: str) -> list[str]:
    """Every table with the column ``user_id``, from the catalogue: a new one needs no word here."""
    found = sql(
        url,
        """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE a.attname = 'user_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
        """,
    )
    return [str(name) for (name,) in found]


def rows_of(url: str, user_id: int) -> dict[str, int]:
    counts = {
        table: sql(url, f"SELECT count(*) FROM {table} WHERE user_id = %s", user_id)[0][0]
        for table in owned_tables(url)
    }
    return {table: int(str(count)) for table, count in counts.items()}


def person_with_belongings(url: str, user_id: int) -> dict[str, int]:
    """One row in every table that holds a person's data, and the counts."""
    fill_everything(url, user_id)
    return rows_of(url, user_id)
