"""What pasted links lead to: a migration for each provider, and names that have to go in time."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen a constraint, add a column, and let two functions know it: code before works on without them."""
    script = (Path(__file__).parent / "sql_0008" / "links.sql").read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    # Straight to the driver, as in 0001.
    connection.execute(script)
