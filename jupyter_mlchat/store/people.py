"""The table of who asked for a person, and who has come."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, String, Table, Text

from .tables import metadata

requests = Table(
    "mlchat_requests",
    metadata,
    # One row of each conversation that ever asked; `state` is queued, claimed or closed. `id` is the request's.
    Column("conversation", String(32), primary_key=True),
    Column("id", String(32), nullable=False),
    Column("owner", String(255), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", Float, nullable=False),
    Column("note", Text, nullable=False, default=""),
    # Whether the assistant may read later what is said directly.
    Column("observed", Boolean, nullable=False),
    # Who has it, or had it last, and when they were last there.
    Column("expert", String(255), nullable=False, default=""),
    Column("seen", Float, nullable=False, default=0.0),
    # Whether the experts have been told, or can't be.
    Column("told", Boolean, nullable=False, default=False),
    Index("mlchat_requests_state", "state", "asked"),
)
