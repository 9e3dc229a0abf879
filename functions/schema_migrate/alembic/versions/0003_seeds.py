"""Candidates out of open data, which an operator loads, and how far each dump was read."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables: code before works on without them."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.execute((Path(__file__).parent / "sql_0003" / "seeds.sql").read_text(encoding="utf-8"))
