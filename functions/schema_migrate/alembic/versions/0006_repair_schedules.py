"""Schedules by which playlists are checked, and what a lost entry was by its person's plays."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, a column of repairs and a right: code before works on without them."""
    script = (Path(__file__).parent / "sql_0006" / "repair_schedules.sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    # Straight to the driver, as in 0001.
    connection.execute(script)
