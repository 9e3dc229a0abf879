"""Releases that follow each other, each with revisions that add and revisions that take away."""

import shutil
import uuid
from pathlib import Path

import pytest

from local.stack import postgres as embedded
from schema_migrate import upgrade as module
from schema_migrate.phases import PhaseError
from schema_migrate.upgrade import contract, everything, expand, upgrade
from tests.support.postgres import sql, url_for

REVISION = """
from alembic import op

revision = "{number}"
down_revision = {before!r}
phase = "{phase}"


def upgrade():
    op.execute("{statement}")
"""
RELEASES = (
    (("1", "expand", "CREATE TABLE people (name text)"),),
    (
        ("2", "expand", "ALTER TABLE people ADD full_name text"),
        ("3", "contract", "ALTER TABLE people DROP name"),
    ),
    (("4", "expand", "ALTER TABLE people ADD born date"),),
)


@pytest.fixture
def database(own_server: embedded.Postgres) -> str:
    url, name = own_server.url(user=embedded.ADMIN), f"phases_{uuid.uuid4().hex}"
    sql(url, f"CREATE DATABASE {name}")
    return url_for(url, dbname=name)


def release(folder: Path, number: int) -> Path:
    """The package of a release: all revisions up to it."""
    made = folder / f"release{number}"
    (made / "versions").mkdir(parents=True)
    shutil.copy(Path(module.__file__).parent / "alembic/env.py", made)
    before = None
    for one in RELEASES[:number]:
        for revision, phase, statement in one:
            (made / f"versions/{revision}.py").write_text(
                REVISION.format(number=revision, before=before, phase=phase, statement=statement)
            )
            before = revision
    return made


def columns(url: str) -> set[str]:
    return {str(row[0]) for row in sql(url, "SELECT column_name FROM information_schema.columns "
                                            "WHERE table_name = 'people'")}  # fmt: skip


def test_a_column_is_replaced_without_either_release_missing_it(database: str, tmp_path: Path) -> None:
    first, second, third = (release(tmp_path, number) for number in (1, 2, 3))
    assert upgrade(database, expand, first) == (None, "1")
    assert upgrade(database, contract, first) == ("1", "1")

    assert upgrade(database, expand, second) == ("1", "2")
    assert columns(database) == {"name", "full_name"}, "both releases find what they use"
    assert upgrade(database, expand, second) == ("2", "2"), "again, with nothing new"
    with pytest.raises(PhaseError, match="contract"):
        upgrade(database, expand, third)
    assert columns(database) == {"name", "full_name"}

    assert upgrade(database, contract, second) == ("2", "3")
    assert columns(database) == {"full_name"}
    assert upgrade(database, expand, third) == ("3", "4")


def test_a_release_that_is_rolled_back_leaves_what_the_one_before_accepts(
    database: str, tmp_path: Path
) -> None:
    first, second = release(tmp_path, 1), release(tmp_path, 2)
    upgrade(database, expand, first)
    upgrade(database, expand, second)
    for choose in (expand, contract, everything):  # the first one's package, which does not know revision 2
        assert upgrade(database, choose, first) == ("2", "2")
    assert columns(database) == {"name", "full_name"}


def test_a_new_database_is_at_the_newest_revision_at_once(database: str, tmp_path: Path) -> None:
    assert upgrade(database, expand, release(tmp_path, 3)) == (None, "4")


def test_releases_may_be_left_out_where_no_code_runs(database: str, tmp_path: Path) -> None:
    upgrade(database, expand, release(tmp_path, 1))
    third = release(tmp_path, 3)
    with pytest.raises(PhaseError, match="Deploy the version that ends with 3 first"):
        upgrade(database, expand, third)
    assert upgrade(database, everything, third) == ("1", "4")
