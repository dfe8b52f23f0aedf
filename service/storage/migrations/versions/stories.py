"""Running stories."""

import sqlalchemy as sa
from alembic import op

revision = "stories"
down_revision = "corrections"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Goes forward; there is no way back."""
    clock = op.create_table(
        "story_clock",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sequence", SEQUENCE, nullable=False),
        sa.Column("stories", sa.Integer, nullable=False),
        sa.Column("articles", SEQUENCE, nullable=False),
        sa.Column("tidied", SEQUENCE, nullable=False),
        sa.Column("encoder", sa.String(64), nullable=False),
    )
    first = {"id": 1, "sequence": 0, "stories": 0, "articles": 0, "tidied": 0, "encoder": ""}
    op.bulk_insert(clock, [first])
    op.create_table(
        "stories",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("terms", sa.JSON, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("create_time", MOMENT, nullable=False),
        sa.Column("update_time", MOMENT, nullable=False),
        sa.Column("first_published_at", MOMENT),
        sa.Column("last_published_at", MOMENT),
        sa.Column("last_day", sa.Double),
        sa.Column("last_sequence", SEQUENCE, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("merged_into", sa.Integer),
    )
    op.create_index("ix_stories_is_open", "stories", ["is_open"])
    op.create_table(
        "story_articles",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("article_id", sa.Text, unique=True),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("started", sa.Boolean, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.Column("create_time", MOMENT, nullable=False),
        sa.Column("embedding", sa.LargeBinary, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("weights", sa.LargeBinary, nullable=False),
    )
    op.create_index("story_articles_of", "story_articles", ["story", "sequence"])
    op.create_table(
        "story_events",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("other", sa.Integer),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("create_time", MOMENT, nullable=False),
    )
    op.create_table(
        "story_words",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.Column("counts", sa.LargeBinary, nullable=False),
    )
