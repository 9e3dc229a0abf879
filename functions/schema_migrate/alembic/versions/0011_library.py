"""Followed artists and saved albums among what a migration moves."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column with a default: code before works on without it."""
    op.execute(
        "ALTER TABLE migrations.playlists ADD COLUMN kind text NOT NULL DEFAULT 'playlist' "
        "CHECK (kind IN ('playlist', 'artists', 'albums'))"
    )
