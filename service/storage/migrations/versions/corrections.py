"""Corrections."""

import sqlalchemy as sa
from alembic import op

revision = "corrections"
down_revision = None


def upgrade() -> None:
    """Goes forward; there is no way back."""
    if sa.inspect(op.get_bind()).has_table("corrections"):
        return  # made before there were migrations
    op.create_table(
        "corrections",
        sa.Column("text_sha256", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("article_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_corrections_update_time", "corrections", ["update_time"])
