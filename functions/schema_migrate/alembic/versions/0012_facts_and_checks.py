"""What both sides of a migration said is emptied together; playlists that were checked are listed."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index, and a function beside the one that code before calls and a contraction will drop."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    for script in sorted((Path(__file__).parent / "sql_0012").glob("*.sql")):
        # Straight to the driver, as in 0001.
        connection.execute(script.read_text(encoding="utf-8"))
