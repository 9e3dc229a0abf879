"""Each service connects as a role that can do its work, and cannot read or write the rest.

What exists is read from the catalogue, and what is allowed stands in `rights`: a table, a column or a
function that somebody adds is forbidden to everybody until it says otherwise there.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, UniqueViolation

from musicconnect.providers.registry import PROVIDERS
from tests.integration.schema.rights import (
    ALL,
    DELETE,
    FUNCTIONS,
    INSERT,
    PLAIN_FUNCTIONS,
    PROVIDER,
    RIGHTS,
    SELECT,
    UPDATE,
    Right,
)
from tests.integration.schema.rows import SCHEMAS, Table, fill_everything, insertion, tables, values_for
from tests.integration.schema.used_rights import statements, used_by
from tests.support.functions import SERVICE_ROLES
from tests.support.postgres import ROLES, url_for
from tests.support.postgres import sql as run

NOTHING = Right(frozenset())
PARTITIONS = {"make_partitions", "drop_partitions"}
Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def catalogue(database_url: str) -> list[Table]:
    with psycopg.connect(database_url) as connection:
        return tables(connection)


@pytest.fixture(scope="module")
def rows(database_url: str, people: tuple[int, int]) -> dict[str, Rows]:
    """One row of the first person in every table, on Spotify; one of the second, on YouTube."""
    return {
        "spotify": fill_everything(database_url, people[0], "spotify"),
        "youtube": fill_everything(database_url, people[1], "youtube"),
    }


@pytest.fixture(params=RIGHTS)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def service(database_url: str, role: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the role; whatever a test does is rolled back."""
    with psycopg.connect(url_for(database_url, role=role)) as connection:
        yield connection
        connection.rollback()


def act_as(connection: psycopg.Connection[Any], user_id: int) -> None:
    connection.rollback()
    connection.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id)])


def statement(
    table: Table, verb: str, columns: list[str], values: dict[str, Any]
) -> tuple[sql.Composed, dict[str, Any]]:
    names = [sql.Identifier(column) for column in columns]
    match verb:
        case "SELECT":
            return sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(names), table.identifier), {}
        case "INSERT":
            return insertion(table, values, yielding=False), values
        case "UPDATE":
            changes = sql.SQL(", ").join(sql.SQL("{0} = {0}").format(name) for name in names)
            return sql.SQL("UPDATE {} SET {}").format(table.identifier, changes), {}
        case _:
            return sql.SQL("DELETE FROM {}").format(table.identifier), {}


def outcome(connection: psycopg.Connection[Any], query: sql.Composed, values: dict[str, Any]) -> str | int:
    """How many rows a statement touched, or why it was refused."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(query, values).rowcount
    except UniqueViolation:
        return 1  # checked after the rights
    except InsufficientPrivilege as error:
        return str(error).splitlines()[0]


def test_every_role_is_spoken_of(database_url: str) -> None:
    found = run(
        database_url, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'mc\\_%%' AND rolcanlogin ORDER BY 1"
    )

    assert [name for (name,) in found] == sorted(RIGHTS) == sorted(ROLES)


def test_every_role_that_can_log_in_is_some_functions(database_url: str) -> None:
    """And every group has members: none is dead."""
    groups = run(
        database_url,
        "SELECT r.rolname, count(m) FROM pg_roles r LEFT JOIN pg_auth_members m ON m.roleid = r.oid "
        "WHERE r.rolname LIKE 'mc\\_%%' AND NOT r.rolcanlogin GROUP BY 1",
    )

    assert set(SERVICE_ROLES.values()) == set(RIGHTS)
    groups_of_providers = {f"mc_{name}" for name in PROVIDERS}
    assert {name for name, _ in groups} == groups_of_providers | {"mc_lookup"}
    assert all(members for _, members in groups)


def test_no_right_is_unused(database_url: str) -> None:
    """Every right that the catalogue knows is one that some function of a member can come to use."""
    granted = run(
        database_url,
        """
        SELECT DISTINCT a.grantee::regrole::text, n.nspname || '.' || c.relname, a.privilege_type
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT * FROM aclexplode(c.relacl)
            UNION ALL
            SELECT e.* FROM pg_attribute t, aclexplode(t.attacl) e WHERE t.attrelid = c.oid
        ) a
        WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.grantee::regrole::text LIKE 'mc\\_%%'
        """,
        list(SCHEMAS),
    )
    members: dict[str, set[str]] = {}
    for group, member in run(
        database_url, "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
    ):
        members.setdefault(str(group), set()).add(str(member))
    # With the rights of whoever calls: functions that are no roles' own, and what triggers call.
    plain = [
        pair
        for (text,) in run(
            database_url,
            "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = ANY(%s) AND NOT p.prosecdef AND p.prokind = 'f'",
            list(SCHEMAS),
        )
        for pair in statements(str(text))
    ]
    unused = [
        (role, verb, table)
        for role, table, verb in granted
        if role != "mc_lookup"  # owns the functions that look across people; each is tested by itself
        and not any((table, verb) in used_by(user) for user in {role, *members.get(str(role), ())})
        and (table, verb) not in plain
    ]

    assert len(granted) > 150
    assert unused == []


def test_can_do_its_work(
    service: psycopg.Connection[Any],
    role: str,
    catalogue: list[Table],
    rows: dict[str, Rows],
    people: tuple[int, int],
) -> None:
    """Every allowed statement touches the row of the person on whose behalf it runs."""
    provider, person = "spotify", people[0]
    for table in catalogue:
        right = RIGHTS[role].get(table.name, NOTHING)
        for verb in right.verbs:
            act_as(service, person)
            columns = list(
                right.columns(verb)
                or [column.name for column in table.columns if verb == SELECT or not column.generated]
            )
            values = values_for(table, person, rows[provider], provider)
            result = outcome(service, *statement(table, verb, columns, values))
            assert isinstance(result, int), f"{verb} {table.name}: {result}"
            assert result >= 1, f"{verb} {table.name}"


def test_cannot_touch_the_rest(
    service: psycopg.Connection[Any],
    role: str,
    catalogue: list[Table],
    rows: dict[str, Rows],
    people: tuple[int, int],
) -> None:
    """Every other statement is refused for want of a right, before any row is looked at."""
    for table in catalogue:
        right = RIGHTS[role].get(table.name, NOTHING)
        for verb in ALL - right.verbs:
            act_as(service, people[0])
            columns = [table.columns[0].name]
            values = values_for(table, people[0], rows["spotify"])
            result = outcome(service, *statement(table, verb, columns, values))
            assert str(result).startswith("permission denied for"), f"{verb} {table.name}: {result}"
        for verb in (SELECT, UPDATE):
            allowed = right.columns(verb)
            for column in table.columns if allowed else ():
                if column.name not in (allowed or ()):
                    act_as(service, people[0])
                    result = outcome(service, *statement(table, verb, [column.name], {}))
                    assert str(result).startswith("permission denied for"), (
                        f"{verb} {table.name}.{column.name}"
                    )


def test_cannot_do_anything_else_to_tables(database_url: str, role: str, catalogue: list[Table]) -> None:
    found = run(
        database_url,
        "SELECT name, privilege FROM unnest(%s::text[]) AS name, unnest(%s::text[]) AS privilege "
        "WHERE has_table_privilege(%s, name, privilege)",
        [table.name for table in catalogue],
        ["TRUNCATE", "REFERENCES", "TRIGGER"],
        role,
    )

    assert found == []


def test_has_no_power_over_the_server_or_the_schemas(service: psycopg.Connection[Any], role: str) -> None:
    row = service.execute(
        """
        SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
        FROM pg_roles WHERE rolname = %s
        """,
        [role],
    ).fetchone()
    assert row == (False,)
    for schema in (*SCHEMAS, "public"):
        row = service.execute("SELECT has_schema_privilege(%s, %s, 'CREATE')", [role, schema]).fetchone()
        assert row == (False,), schema
    assert service.execute(
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "WHERE m.member = %s::regrole "
        "AND r.rolname <> ALL(%s)",
        [role, [*(f"mc_{name}" for name in PROVIDERS), "mc_user_trends"]],
    ).fetchone() == (0,)


def test_cannot_read_the_revision(service: psycopg.Connection[Any]) -> None:
    with pytest.raises(InsufficientPrivilege):
        service.execute("SELECT * FROM public.alembic_version")


def test_calls_only_its_own_functions(service: psycopg.Connection[Any], role: str) -> None:
    found = service.execute(
        """
        SELECT n.nspname || '.' || p.proname, has_function_privilege(%s, p.oid, 'EXECUTE')
            AND has_schema_privilege(%s, n.oid, 'USAGE')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s)
        """,
        [role, role, list(SCHEMAS)],
    ).fetchall()

    assert dict(found) == {name: role in callers for name, callers in FUNCTIONS.items()}


def test_what_looks_across_people_belongs_to_a_role_without_login(database_url: str) -> None:
    """And resolves names in a search path of its own, or a caller could slip a table in."""
    found = run(
        database_url,
        """
        SELECT p.proname, r.rolname, r.rolcanlogin OR r.rolsuper OR r.rolbypassrls,
               array_to_string(p.proconfig, ',') LIKE 'search_path=%%, pg_temp'
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
        WHERE n.nspname = ANY(%s) AND p.prosecdef AND p.proname <> ALL(%s)
        """,
        list(SCHEMAS),
        list(PARTITIONS),
    )

    assert {row[0] for row in found} == {
        name.partition(".")[2] for name in FUNCTIONS.keys() - PLAIN_FUNCTIONS
    } - PARTITIONS
    assert {row[1:] for row in found} == {("mc_lookup", False, True)}


def test_what_makes_and_drops_partitions_resolves_names_in_a_search_path_of_its_own(
    database_url: str,
) -> None:
    """It has to belong to the table's owner; what it is given are dates, and it shows nobody anything."""
    found = run(
        database_url,
        "SELECT proname, proconfig::text, pg_get_function_result(oid) FROM pg_proc WHERE proname = ANY(%s)",
        list(PARTITIONS),
    )

    assert {name for name, _, _ in found} == PARTITIONS
    assert {row[1:] for row in found} == {('{"search_path=pg_catalog, pg_temp"}', "integer")}


def test_a_provider_service_sees_its_own_provider_only(
    database_url: str, rows: dict[str, Rows], people: tuple[int, int], catalogue: list[Table]
) -> None:
    """Even of one person."""
    owned = [
        table
        for table in catalogue
        if table.name.startswith("providers.") and table.person_column and table.name in PROVIDER
    ]
    assert len(owned) >= 5
    for role, own, foreign in (("mc_spotify", 0, 1), ("mc_youtube", 1, 0)):
        with psycopg.connect(database_url) as connection:
            # Nobody logs in as one; functions are members. The owner of the database may act as it.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            connection.commit()
            for table in owned:
                count = sql.SQL("SELECT count(*) FROM {}").format(table.identifier)
                act_as(connection, people[own])
                assert connection.execute(count).fetchone() == (1,), table.name
                act_as(connection, people[foreign])
                assert connection.execute(count).fetchone() == (0,), table.name


def test_the_service_of_both_providers_sees_both(
    database_url: str, rows: dict[str, Rows], people: tuple[int, int]
) -> None:
    with psycopg.connect(url_for(database_url, role="mc_providers")) as connection:
        for person in people:
            act_as(connection, person)
            assert connection.execute("SELECT count(*) FROM providers.tokens").fetchone() == (1,)


def test_limits_on_time_come_with_the_role(service: psycopg.Connection[Any]) -> None:
    """A pooler in front of the database takes no settings from the connection."""
    for setting, value in (
        ("statement_timeout", "25s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("idle_session_timeout", "10min"),
        ("timezone", "UTC"),
    ):
        assert service.execute(sql.SQL("SHOW {}").format(sql.Identifier(setting))).fetchone() == (value,)


def test_the_words_for_verbs_are_all_used() -> None:
    """Each of the four verbs is both given and withheld somewhere, or the tests above would prove nothing."""
    given = [right.verbs for rights in RIGHTS.values() for right in rights.values()]
    for verb in (SELECT, INSERT, UPDATE, DELETE):
        assert any(verb in verbs for verbs in given)
        assert not all(verb in verbs for verbs in given) or verb == SELECT
