"""Given a consent that ends by itself, its person is told 30, 7 and 1 days before, and when it has ended."""

from tests.integration.notices.conftest import Timers
from tests.support.functions import Person
from tests.support.postgres import sql

DAY_S = 86_400


def test_each_warning_comes_once(person: Person, timers: Timers, database_url: str) -> None:
    sql(
        database_url,
        "INSERT INTO providers.accounts (user_id, provider, provider_user_id, display_name, authorized_at) "
        "VALUES (%s, 'spotify', 'x', 'x', now() - interval '4 months') RETURNING 1",
        person.id,
    )

    for _ in range(75):  # days, with maintenance twice on each
        for _ in range(2):
            timers.harness.invoke("maintenance", {"tasks": ["consent_notices", "lapsed_consents"]})
        timers.harness.invoke("notices_dispatcher", {})
        timers.pass_time(DAY_S)

    items = person.call("GET", "/v1/notices?limit=100").json["items"]
    assert [(one["code"], one["params"].get("days")) for one in reversed(items)] == [
        ("consent-ending", 30), ("consent-ending", 7), ("consent-ending", 1), ("consent-ended", None),
    ]  # fmt: skip
