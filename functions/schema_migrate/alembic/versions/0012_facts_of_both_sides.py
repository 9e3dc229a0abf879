"""What both sides of a migration said is emptied together."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a function beside the one that code before calls, which goes with a later contraction."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    # Straight to the driver, as in 0001.
    connection.execute((Path(__file__).parent / "sql_0012" / "facts.sql").read_text(encoding="utf-8"))
