"""One row for every table, made from what the catalogue says about it: a new table needs no word here."""

import re
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from musicconnect.platform import clock

SCHEMAS = (
    "core",
    "providers",
    "search",
    "migrations",
    "changes",
    "exports",
    "trends",
    "outbox",
    "notices",
    "operators",
)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: str
    required: bool
    """Neither null nor a default stands in for a missing value."""
    generated: bool
    """Drawn from other columns; nobody writes it."""


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as the catalogue has it."""

    name: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...]
    choices: dict[str, str]
    """A value that the check of a column allows."""

    @property
    def person_column(self) -> str | None:
        """The column that says whose row it is."""
        if self.name == "core.users":
            return "id"
        return "user_id" if any(column.name == "user_id" for column in self.columns) else None

    @property
    def identifier(self) -> sql.Identifier:
        """For composing statements."""
        return sql.Identifier(*self.name.split("."))


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every table of the schemas, parents before children; partitions stand behind their table."""
    names = connection.execute(
        """
        SELECT c.oid, n.nspname || '.' || c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY 2
        """,
        [list(SCHEMAS)],
    ).fetchall()
    found = {name: _table(connection, oid, name) for oid, name in names}
    ordered: dict[str, Table] = {}
    while found:
        ready = [
            table
            for table in found.values()
            if all(key.parent in ordered or key.parent == table.name for key in table.references)
        ]
        assert ready, f"the references of {sorted(found)} go round in a circle"
        for table in ready:
            ordered[table.name] = found.pop(table.name)
    return list(ordered.values())


def _table(connection: psycopg.Connection[Any], oid: int, name: str) -> Table:
    columns = connection.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod),
               attnotnull AND NOT atthasdef AND attidentity = '', attgenerated <> ''
        FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """,
        [oid],
    ).fetchall()
    references = connection.execute(
        """
        SELECT array_agg(a.attname::text ORDER BY k.n), p.nspname || '.' || t.relname,
               array_agg(b.attname::text ORDER BY k.n)
        FROM pg_constraint c
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, theirs, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
        JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs
        JOIN pg_class t ON t.oid = c.confrelid JOIN pg_namespace p ON p.oid = t.relnamespace
        WHERE c.contype = 'f' AND c.conrelid = %s GROUP BY c.oid, p.nspname, t.relname
        """,
        [oid],
    ).fetchall()
    checks = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s", [oid]
    ).fetchall()
    choices = {}
    for (definition,) in checks:
        if match := re.search(r"\(?(\w+) = ANY \(ARRAY\['([^']*)'::text", definition):
            choices[match[1]] = match[2]
    return Table(
        name,
        tuple(Column(*column) for column in columns),
        tuple(Reference(tuple(own), parent, tuple(theirs)) for own, parent, theirs in references),
        choices,
    )


def values_for(
    table: Table, user_id: int, parents: dict[str, dict[str, Any]], provider: str = "spotify"
) -> dict[str, Any]:
    """What a row of a person needs to be accepted."""
    given = {**table.choices, "provider": provider}
    values: dict[str, Any] = {
        column.name: given.get(column.name) or _example(column.type)
        for column in table.columns
        if column.required or column.name == table.person_column
    }
    for reference in table.references:
        parent = parents[reference.parent]
        values |= {
            own: parent[theirs]
            for own, theirs in zip(reference.columns, reference.parent_columns, strict=True)
        }
    if table.person_column:
        values[table.person_column] = user_id
    return values


def fill_everything(url: str, user_id: int, provider: str = "spotify") -> dict[str, dict[str, Any]]:
    """Give a person one row in every table, as the owner of the tables; gives the rows."""
    rows: dict[str, dict[str, Any]] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        found = tables(connection)
        with connection.cursor(row_factory=dict_row) as cursor:
            for table in found:
                if table.name != "core.users":
                    cursor.execute(
                        insertion(table, values := values_for(table, user_id, rows, provider)), values
                    )
                person = table.person_column
                where = (
                    sql.SQL("WHERE {} = {}").format(sql.Identifier(person), user_id)
                    if person
                    else sql.SQL("")
                )
                row = cursor.execute(
                    sql.SQL("SELECT * FROM {} {} LIMIT 1").format(table.identifier, where)
                ).fetchone()
                assert row is not None, f"no row in {table.name}"
                rows[table.name] = row
    return rows


def insertion(table: Table, values: dict[str, Any], *, yielding: bool = True) -> sql.Composed:
    """An INSERT of these values, by default one that yields to a row that is there already."""
    if not values:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES {}").format(
            table.identifier, sql.SQL("ON CONFLICT DO NOTHING" if yielding else "")
        )
    return sql.SQL("INSERT INTO {} ({}) VALUES ({}) {}").format(
        table.identifier,
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
        sql.SQL("ON CONFLICT DO NOTHING" if yielding else ""),
    )


def _example(kind: str) -> Any:
    match kind.partition("(")[0]:
        case "text":
            return uuid.uuid4().hex
        case "bigint" | "integer" | "smallint" | "double precision" | "numeric":
            return 1
        case "timestamp with time zone":
            return clock.now()
        case "date":
            return date(2026, 1, 1)
        case "boolean":
            return False
        case "jsonb":
            return "{}"
        case "uuid":
            return uuid.uuid4()
        case "bytea":
            return uuid.uuid4().bytes
        case "text[]":
            return []
    raise AssertionError(f"no example of the type {kind}: add one")
