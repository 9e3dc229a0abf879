"""What pasted links lead to, whose names have to go in time, and shares that are read again or pause."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen a constraint, add columns, and let functions know them: code before works on without them."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    for script in sorted((Path(__file__).parent / "sql_0008").glob("*.sql")):
        # Straight to the driver, as in 0001.
        connection.execute(script.read_text(encoding="utf-8"))
