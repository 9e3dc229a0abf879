"""All schemas: every table of the data model, roles, grants, row-level security."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTS = (
    "roles", "core", "providers", "search", "migrations", "changes", "exports", "plays", "trends",
    "scrobbling", "maintenance", "mail", "verifications", "passkeys", "notices", "operators",
)  # fmt: skip


def upgrade() -> None:
    """Create everything, in one transaction."""
    for part in PARTS:
        sql = (Path(__file__).parent / "sql_0001" / f"{part}.sql").read_text(encoding="utf-8")
        _run(sql)


def _run(script: str) -> None:
    # Straight to the driver: a script of many statements goes through only without parameters, which
    # SQLAlchemy always passes, and with which every % would need doubling.
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.execute(script)
