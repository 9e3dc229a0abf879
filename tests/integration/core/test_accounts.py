"""Signing up and in, and the password."""

from threading import Thread
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel

from local.stack.wait import wait_until
from musicconnect.api import binding
from musicconnect.core import accounts
from musicconnect.core.schemas import PasswordChange, SignIn, SignUp
from musicconnect.platform import database, passwords, tokens
from musicconnect.platform.problems import Problem
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql

NEW_PASSWORD = "another battery, another staple"
REQUEST = binding.Request(source_ip="192.0.2.1", user_agent="tests", base_url="", headers={})


def sign_in(harness: FunctionRunner, email: str, password: str, **options: Any) -> tuple[int, Any]:
    answer = harness.call("POST", "/v1/auth/login", {"email": email, "password": password}, **options)
    return answer.status, answer.json


def change_password(person: Person, current: str, new: str = NEW_PASSWORD) -> tuple[int, str]:
    body = {"current_password": current, "new_password": new}
    answer = person.call("POST", "/v1/auth/password", body)
    return answer.status, answer.json["type"] if answer.status != 200 else ""


class TestSigningUp:
    def test_gives_a_session_that_works(self, core_harness: FunctionRunner) -> None:
        body = {
            "email": "ada@example.org",
            "password": "correct horse battery",
            "display_name": "Ada Lovelace",
            "time_zone": "Europe/London",
        }

        answer = core_harness.call("POST", "/v1/auth/signup", body)

        assert answer.status == 201
        assert answer.headers["cache-control"] == "no-store"
        me = core_harness.call("GET", "/v1/me", token=answer.json["token"])
        assert me.json == answer.json["user"]
        assert {name: me.json[name] for name in ("email", "display_name", "time_zone")} == {
            "email": "ada@example.org",
            "display_name": "Ada Lovelace",
            "time_zone": "Europe/London",
        }

    def test_takes_name_and_zone_from_what_there_is(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up(email="grace.hopper@example.org")

        assert person.call("GET", "/v1/me").json["display_name"] == "grace.hopper"
        assert person.call("GET", "/v1/me").json["time_zone"] == "UTC"

    @pytest.mark.parametrize(
        "again", ["taken@example.org", "TAKEN@Example.ORG", " taken@example.org  ", "ｔａｋｅｎ@example.org"]
    )
    def test_refuses_a_taken_address_however_it_is_written(
        self, core_harness: FunctionRunner, again: str
    ) -> None:
        body = {"email": "taken@example.org", "password": "correct horse battery"}
        elsewhere = f"198.51.100.{len(again.encode())}"  # asking for a taken address is dear
        core_harness.call("POST", "/v1/auth/signup", body, source_ip=elsewhere)

        answer = core_harness.call("POST", "/v1/auth/signup", {**body, "email": again}, source_ip=elsewhere)

        assert (answer.status, answer.json["type"]) == (409, "urn:musicconnect:problem:address-taken")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_compares_sharp_s_and_its_expansion_alike(self, core_harness: FunctionRunner) -> None:
        core_harness.sign_up(email="straße@example.org")

        body = {"email": "STRASSE@example.org", "password": "correct horse battery"}
        assert core_harness.call("POST", "/v1/auth/signup", body).status == 409

    def test_two_at_once_make_one_account(
        self, core_harness: FunctionRunner, core_database: database.Database
    ) -> None:
        """The second insert waits for the first to commit, and then finds the address taken."""
        body = {"email": "twins@example.org", "password": "correct horse battery"}
        answers: list[int] = []
        url = core_harness.database_url
        with psycopg.connect(url) as other:
            other.execute(
                "INSERT INTO core.users (email, password_hash, display_name) "
                "VALUES ('twins@example.org', 'x', 'Twin')"
            )
            thread = Thread(
                target=lambda: answers.append(core_harness.call("POST", "/v1/auth/signup", body).status)
            )
            thread.start()
            waiting = "SELECT pid FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"
            wait_until(lambda: sql(url, waiting), seconds=20, what="the second to wait for the first")
            other.commit()
        thread.join(timeout=30)

        assert answers == [409]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "no-at-sign"),
            ("email", "two@@example.org"),
            ("email", "@example.org"),
            ("email", "a@b"),
            ("email", "a b@example.org"),
            ("email", "a@example..org"),
            ("email", ".a@example.org"),
            ("email", "a@-example.org"),
            ("email", "a@127.0.0.1"),
            ("email", "a" * 65 + "@example.org"),
            ("email", "a@" + "b" * 250 + ".org"),
            ("email", "ﷺ" * 20 + "@example.org"),  # short as typed, long in compared form
            ("email", 5),
            ("email", None),
            ("password", "too short"),
            ("password", "x" * 201),
            ("password", "PERSON@example.org"),
            ("password", "nul\x00character"),
            ("password", ["correct horse battery"]),
            ("display_name", ""),
            ("display_name", "   "),
            ("display_name", "x" * 101),
            ("display_name", "line\nbreak"),
            ("display_name", "nul\x00character"),
            ("time_zone", "Middle-earth/Shire"),
            ("time_zone", "../../etc/passwd"),
            ("time_zone", "/etc/localtime"),
            ("time_zone", "Europe"),
            ("time_zone", "localtime"),
            ("time_zone", "x" * 65),
            ("time_zone", "Europe/Ber\x00lin"),
            ("time_zone", "Europe/Zürich"),
            ("is_admin", True),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, core_harness: FunctionRunner, field: str, value: object
    ) -> None:
        body = {"email": "person@example.org", "password": "correct horse battery", field: value}

        answer = core_harness.call("POST", "/v1/auth/signup", body)

        assert answer.status == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert {error["path"] for error in answer.json["errors"]} == {f"body.{field}"}
        assert str(value) not in answer.text or len(str(value)) < 7  # what was sent is not sent back

    def test_keeps_no_password_and_no_token(self, core_harness: FunctionRunner, owner_url: str) -> None:
        person = core_harness.sign_up()

        [(kept,)] = sql(owner_url, "SELECT password_hash FROM core.users WHERE id = %s", person.id)
        [(token,)] = sql(
            owner_url, "SELECT session_token FROM core.user_sessions WHERE user_id = %s", person.id
        )

        assert str(kept).startswith("$argon2id$v=19$")
        assert person.password not in str(kept)
        assert token == tokens.token_hash(person.token)

    def test_cuts_what_the_client_calls_itself(self, core_database: database.Database) -> None:
        request = binding.Request("2001:db8::7", "x\x00\ud800" * 500, "", {})
        session = accounts.sign_up(
            core_database, SignUp(email="agent@example.org", password="correct horse battery"), request
        )

        with core_database.transaction(session.user.id) as connection:
            row = connection.execute("SELECT ip_address, user_agent FROM core.user_sessions").fetchone()
        assert row == ("2001:db8::7", ("x?" * 500)[: accounts.USER_AGENT_LENGTH])


class TestSigningIn:
    def test_works_whatever_the_case_of_the_address(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up(email="case@example.org")

        status, session = sign_in(core_harness, "CASE@EXAMPLE.ORG", person.password)

        assert status == 200
        assert session["user"] == person.call("GET", "/v1/me").json
        assert core_harness.call("GET", "/v1/me", token=str(session["token"])).status == 200

    def test_keeps_spaces_and_equates_encodings_of_the_password(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up(password="  caf\u00e9 au lait  ")

        assert sign_in(core_harness, person.email, "  cafe\u0301 au lait  ")[0] == 200
        assert sign_in(core_harness, person.email, "caf\u00e9 au lait")[0] == 401

    def test_answers_alike_for_every_reason_not_to_let_in(
        self, core_harness: FunctionRunner, owner_url: str
    ) -> None:
        person, inactive = core_harness.sign_up(), core_harness.sign_up()
        sql(owner_url, "UPDATE core.users SET is_active = false WHERE id = %s", inactive.id)

        wrong_password = sign_in(core_harness, person.email, "not the password")
        unknown_address = sign_in(core_harness, "nobody@example.org", person.password)
        not_an_address = sign_in(core_harness, "nobody", person.password)
        not_active = sign_in(core_harness, inactive.email, inactive.password)

        refusals = [wrong_password, unknown_address, not_an_address, not_active]
        assert {status for status, _ in refusals} == {401}
        assert len({problem.pop("request_id") for _, problem in refusals}) == 4
        assert wrong_password == unknown_address == not_an_address == not_active

    def test_does_the_same_work_whether_or_not_the_address_exists(
        self, core_harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Counted, not timed: verifications of hashes with today's parameters, and SQL statements."""
        person = core_harness.sign_up()
        verified: list[str] = []
        real = passwords.verify_password

        def counted(password: str, kept: str) -> bool:
            verified.append(kept)
            return real(password, kept)

        monkeypatch.setattr(passwords, "verify_password", counted)

        statements = []
        for email in (person.email, "somebody.else@example.org"):
            before = database.timing.statements
            # From where the person has not signed in: to a known source the counts could say more.
            sign_in(core_harness, email, "not the password", source_ip="192.0.2.77")
            statements.append(database.timing.statements - before)

        assert len(verified) == 2
        assert not any(passwords.needs_rehash(kept) for kept in verified)
        assert verified[0] != verified[1]
        assert statements[0] == statements[1]

    def test_an_inactive_account_has_no_sessions(self, core_harness: FunctionRunner, owner_url: str) -> None:
        person = core_harness.sign_up()

        sql(owner_url, "UPDATE core.users SET is_active = false WHERE id = %s", person.id)

        assert person.call("GET", "/v1/me").status == 401

    def test_upgrades_a_hash_made_with_other_parameters(
        self, core_harness: FunctionRunner, owner_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(passwords, "ARGON2_ITERATIONS", 2)
            person = core_harness.sign_up()
        select = "SELECT password_hash FROM core.users WHERE id = %s"
        [(before,)] = sql(owner_url, select, person.id)
        assert passwords.needs_rehash(str(before))

        assert sign_in(core_harness, person.email, person.password)[0] == 200

        [(after,)] = sql(owner_url, select, person.id)
        assert not passwords.needs_rehash(str(after))
        assert sign_in(core_harness, person.email, person.password)[0] == 200

    def test_a_password_changed_while_it_is_verified_opens_nothing(
        self, core_harness: FunctionRunner, core_database: database.Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = core_harness.sign_up()
        real = passwords.verify_password

        def change_it_meanwhile(password: str, kept: str) -> bool:
            monkeypatch.setattr(passwords, "verify_password", real)
            assert change_password(person, person.password) == (200, "")
            return real(password, kept)

        monkeypatch.setattr(passwords, "verify_password", change_it_meanwhile)

        with pytest.raises(Problem) as refused:
            accounts.sign_in(core_database, SignIn(email=person.email, password=person.password), REQUEST)

        assert refused.value.status == 401
        assert len(person.call("GET", "/v1/auth/sessions").json["items"]) == 1

    @pytest.mark.parametrize(
        "body",
        [{"email": "a@example.org"}, {"email": "", "password": "x"}, {"email": "a@b.c", "password": ""}],
    )
    def test_asks_for_both(self, core_harness: FunctionRunner, body: dict[str, str]) -> None:
        assert core_harness.call("POST", "/v1/auth/login", body).status == 422


class TestChangingThePassword:
    def test_changes_it_and_ends_the_other_sessions(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        _, elsewhere = sign_in(core_harness, person.email, person.password)

        assert change_password(person, person.password) == (200, "")

        assert person.call("GET", "/v1/me").status == 200
        assert core_harness.call("GET", "/v1/me", token=str(elsewhere["token"])).status == 401
        assert sign_in(core_harness, person.email, person.password)[0] == 401
        assert sign_in(core_harness, person.email, NEW_PASSWORD)[0] == 200

    def test_needs_the_current_one(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()

        answer = person.call(
            "POST", "/v1/auth/password", {"current_password": "a guess", "new_password": NEW_PASSWORD}
        )

        assert answer.status == 422
        assert answer.json["errors"][0]["path"] == "body.current_password"
        assert sign_in(core_harness, person.email, person.password)[0] == 200

    def test_refuses_the_address_as_password(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()

        body = {"current_password": person.password, "new_password": person.email.upper()}
        answer = person.call("POST", "/v1/auth/password", body)

        assert (answer.status, answer.json["errors"][0]["path"]) == (422, "body.new_password")

    def test_counts_as_an_attempt_to_sign_in(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()

        statuses = [change_password(person, "a guess")[0] for _ in range(11)]

        assert statuses == [422] * 10 + [429]
        assert sign_in(core_harness, person.email, person.password)[0] == 429

    def test_does_nothing_with_a_session_that_has_ended(
        self, core_harness: FunctionRunner, core_database: database.Database
    ) -> None:
        """As when the session ends between the authorizer's look and the change."""
        person = core_harness.sign_up()
        [session] = person.call("GET", "/v1/auth/sessions").json["items"]
        caller = binding.Caller(person.id, session["id"])
        person.call("POST", "/v1/auth/logout")

        body = PasswordChange(current_password=person.password, new_password=NEW_PASSWORD)
        with pytest.raises(Problem) as refused:
            accounts.change_password(core_database, caller, body, REQUEST)

        assert refused.value.status == 401

    def test_of_two_at_once_one_takes_effect(
        self, core_harness: FunctionRunner, core_database: database.Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = core_harness.sign_up()
        real = passwords.verify_password

        def change_it_meanwhile(password: str, kept: str) -> bool:
            monkeypatch.setattr(passwords, "verify_password", real)
            assert change_password(person, person.password) == (200, "")
            return real(password, kept)

        monkeypatch.setattr(passwords, "verify_password", change_it_meanwhile)

        assert change_password(person, person.password, "the one that comes second") == (
            409,
            "urn:musicconnect:problem:changed-meanwhile",
        )
        assert sign_in(core_harness, person.email, NEW_PASSWORD)[0] == 200


def test_the_models_show_no_password_when_printed() -> None:
    shown: BaseModel
    for shown in (
        SignIn(email="a@example.org", password="a secret of mine"),
        PasswordChange(current_password="a secret of mine", new_password="a secret of mine"),
    ):
        assert "a secret of mine" not in repr(shown)


class TestWhatASpellingHides:
    @pytest.mark.parametrize("password", [" " * 10, "\t\n" * 6, "   short   ", "\u2003" * 12])
    def test_blanks_are_no_password(self, core_harness: FunctionRunner, password: str) -> None:
        body = {"email": "blank@example.org", "password": password}
        answer = core_harness.call("POST", "/v1/auth/signup", body)
        assert (answer.status, answer.json["errors"][0]["path"]) == (422, "body.password")

    @pytest.mark.parametrize(
        "email", ["a\u202eb@example.org", "a\u200bb@example.org", "ab@exa\u2066mple.org"]
    )
    def test_what_is_not_seen_is_no_part_of_an_address(
        self, core_harness: FunctionRunner, email: str
    ) -> None:
        body = {"email": email, "password": "correct horse battery staple"}
        assert core_harness.call("POST", "/v1/auth/signup", body).status == 422


@pytest.mark.parametrize("revoke", [None, True, False])
def test_a_new_password_revokes_personal_tokens_unless_told_not_to(
    core_harness: FunctionRunner, revoke: bool | None
) -> None:
    person = core_harness.sign_up()
    token = person.call("POST", "/v1/auth/tokens", {"name": "phone"}).json["token"]
    body: dict[str, Any] = {"current_password": person.password, "new_password": NEW_PASSWORD}
    if revoke is not None:
        body["revoke_tokens"] = revoke
    assert person.call("POST", "/v1/auth/password", body).status == 200
    assert core_harness.call("GET", f"/1/validate-token?token={token}").json["valid"] is (revoke is False)
