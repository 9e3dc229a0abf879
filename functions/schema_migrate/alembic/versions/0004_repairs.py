"""Repairs: playlists that are checked for entries which cannot be played."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of repairs, with what claims and deletes them."""
    script = (Path(__file__).parent / "sql_0004" / "repairs.sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    # Straight to the driver, as in 0001.
    connection.execute(script)
