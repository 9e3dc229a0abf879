"""Artists' channels, what named a counterpart, and the searches that a playlist still needs."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and two columns that may be null: code before works on with them."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.execute((Path(__file__).parent / "sql_0002" / "candidates.sql").read_text(encoding="utf-8"))
