"""Bring a database to the newest revision. Used on deploy, by the local stack and by the tests."""

from pathlib import Path

HERE = Path(__file__).parent
# No advisory lock number means anything to Postgres; this one is ours in any database.
ADVISORY_LOCK = 7_227_001
LOCK_TIMEOUT = "10s"
"""A change that cannot get its lock in this time gives up instead of queueing everybody behind it."""
STATEMENT_TIMEOUT = "15min"


def upgrade(database_url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Apply what is missing, one revision per transaction; safe to run twice, also at the same time.

    Args:
        database_url: ``postgresql://...`` of a role that may create roles and schemas.
        revision: Where to stop.

    Returns:
        The revision before and after.
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
        config.set_main_option("script_location", str(HERE / "alembic"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, revision)
        connection.commit()
        after = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return before, after
