"""Shares: playlists that their owners show to strangers, and the role of the pages for them."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of shares, the role that shows them, and the functions it may call."""
    script = (Path(__file__).parent / "sql_0005" / "shares.sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    # Straight to the driver, as in 0001.
    connection.execute(script)
