"""Bring a database to the newest revision. Used on deploy, by the local stack and by the tests."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schema_migrate import phases
from schema_migrate.phases import Pending

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
# No advisory lock number means anything to Postgres; this one is ours in any database.
ADVISORY_LOCK = 7_227_001
LOCK_TIMEOUT = "10s"
"""A change that cannot get its lock in this time gives up instead of queueing everybody behind it."""
STATEMENT_TIMEOUT = "15min"


type Choice = Callable[[Sequence[Pending], bool], str | None]
"""Of what is pending, in order, and whether nothing was ever applied: up to which revision to go."""


def everything(pending: Sequence[Pending], _: bool) -> str | None:
    """Whatever there is: where no old code runs, or none that matters."""
    return pending[-1].revision if pending else None


def expand(pending: Sequence[Pending], is_new: bool) -> str | None:
    """What old and new code both work with."""
    return phases.expansion(pending, is_new=is_new)


def contract(pending: Sequence[Pending], _: bool) -> str | None:
    """What the new code no longer needs."""
    return phases.contraction(pending)


def upgrade(
    database_url: str, choose: Choice = everything, scripts: Path = HERE / "alembic"
) -> tuple[str | None, str | None]:
    """Apply what is missing, one revision per transaction; safe to run twice, also at the same time.

    Args:
        database_url: ``postgresql://...`` of a role that may create roles and schemas.
        choose: How far to go: `everything`, `expand` or `contract`.
        scripts: Where the revisions are.

    Returns:
        The revision before and after.

    Raises:
        PhaseError: what is pending cannot be applied now.
    """
    # Half of what this function imports, and of no use to an event that is refused.
    import sqlalchemy  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    url = sqlalchemy.make_url(database_url).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as guard, engine.connect() as worker:
        guard.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        connection = worker.execution_options(isolation_level="READ COMMITTED")
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        connection.commit()
        before = MigrationContext.configure(connection).get_current_revision()
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(scripts))
        config.set_main_option("path_separator", "os")
        target = choose(_pending(config, before), before is None)
        if target is not None:
            command.upgrade(config, target)
        connection.commit()
        after = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return before, after


def _pending(config: "Config", current: str | None) -> list[Pending]:
    """What is missing, in the order in which it is applied."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(config)
    try:
        scripts.get_revision(current or "base")
    except CommandError:
        # A deployment that was rolled back has expanded already. The code in place works with that, by the
        # meaning of expanding; failing here would fail the rollback.
        return []
    missing = scripts.iterate_revisions("head", current or "base")
    return [
        Pending(script.revision, getattr(script.module, "phase", "expand"))
        for script in reversed(list(missing))
    ]
