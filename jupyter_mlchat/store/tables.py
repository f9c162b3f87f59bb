"""The tables. A change here is a new migration; version 1 is what `create_all` makes."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

schema = Table("mlchat_schema", metadata, Column("version", Integer, nullable=False))

conversations = Table(
    "mlchat_conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("notebook", Text, nullable=False, default=""),
    Column("kernel", String(64), nullable=False, default=""),
    Column("llm", String(255), nullable=False, default=""),
    Column("levels", Text, nullable=False, default="{}"),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("deleted", Boolean, nullable=False, default=False),
    Index("mlchat_conversations_owner", "owner", "notebook", "updated"),
)

turns = Table(
    "mlchat_turns",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", ForeignKey("mlchat_conversations.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("context", Text, nullable=False, default="{}"),
    Column("llm", String(255), nullable=False, default=""),
    Column("tool", Text, nullable=False, default=""),
    Column("created", Float, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # Of the running attempt: who runs it, until when that is believed, and what a waiting turn waits for.
    Column("host", String(64), nullable=False, default=""),
    Column("lease", Float, nullable=False, default=0.0),
    Column("pending", Text, nullable=False, default=""),
    Index("mlchat_turns_conversation", "conversation", "created"),
    Index("mlchat_turns_state", "state"),
)

events = Table(
    "mlchat_events",
    metadata,
    Column("conversation", ForeignKey("mlchat_conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("turn", String(32)),
    Column("body", LargeBinary, nullable=False),
    Index("mlchat_events_turn", "turn"),
)

commands = Table(
    "mlchat_commands",
    metadata,
    Column("principal", String(255), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("turn", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
)

sent = Table(
    "mlchat_sent",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("turn", String(32), nullable=False, index=True),
    Column("attempt", String(32), nullable=False),
    Column("time", Float, nullable=False),
    Column("llm", String(255), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

registered = Table(
    "mlchat_registered",
    metadata,
    Column("owner", String(255), primary_key=True),
    Column("notebook", Text, primary_key=True),
    Column("ref", String(255), primary_key=True),
    Column("body", Text, nullable=False),
    Column("updated", Float, nullable=False),
)

uploads = Table(
    "mlchat_uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("received", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, default=""),
    Column("state", String(16), nullable=False),
    Column("created", Float, nullable=False),
)
