"""The tables of how good answers are: what is to be measured, what was, what people decide, and who compares what."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from .tables import metadata

evaluations = Table(
    "mlchat_evaluations",
    metadata,
    # One row of each answer: `due` until it is measured, by whoever holds the lease. `day` as in spending.
    Column("attempt", String(32), primary_key=True),
    Column("turn", String(32), nullable=False, index=True),
    Column("conversation", String(32), nullable=False, index=True),
    Column("owner", String(255), nullable=False),
    Column("day", String(10), nullable=False),
    Column("created", Float, nullable=False),
    Column("llm", String(255), nullable=False),
    Column("prompt", String(64), nullable=False, default=""),
    Column("state", String(8), nullable=False),
    # Worded on this machine, from what may not leave.
    Column("private", Boolean, nullable=False),
    Column("flagged", Boolean, nullable=False, default=False),
    Column("host", String(64), nullable=False, default=""),
    Column("lease", Float, nullable=False, default=0.0),
    Column("tries", Integer, nullable=False, default=0),
    Index("mlchat_evaluations_state", "state", "created"),
    Index("mlchat_evaluations_owner", "owner", "day"),
)

scores = Table(
    "mlchat_scores",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("attempt", String(32), nullable=False),
    Column("turn", String(32), nullable=False, index=True),
    Column("conversation", String(32), nullable=False, index=True),
    Column("owner", String(255), nullable=False),
    Column("day", String(10), nullable=False),
    Column("llm", String(255), nullable=False),
    Column("prompt", String(64), nullable=False, default=""),
    Column("name", String(64), nullable=False),
    Column("source", String(255), nullable=False),
    Column("score", Float),
    Column("failed", Boolean, nullable=False),
    Index("mlchat_scores_owner", "owner", "day"),
)

reviews = Table(
    "mlchat_reviews",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", String(32), nullable=False, index=True),
    Column("turn", String(32), nullable=False, index=True),
    Column("attempt", String(32), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("held", Boolean, nullable=False),
    # What may leave was at this level; private answers were worded from more.
    Column("level", String(16), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("marks", Text, nullable=False, default="[]"),
    Column("answered_by", Text, nullable=False, default=""),
    Column("reasons", Text, nullable=False, default="[]"),
    Column("checks", Text, nullable=False, default="[]"),
    Column("note", Text, nullable=False, default=""),
    Column("opened", Float, nullable=False),
    Column("decided", Float, nullable=False, default=0.0),
    Column("reviewer", String(255), nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
    Column("remark", Text, nullable=False, default=""),
    Index("mlchat_reviews_state", "state", "opened"),
)

arms = Table(
    "mlchat_arms",
    metadata,
    # Which side of which experiment a conversation is on.
    Column("conversation", String(32), primary_key=True),
    Column("experiment", String(64), nullable=False, index=True),
    Column("arm", String(8), nullable=False),
    Column("assigned", Float, nullable=False),
)
