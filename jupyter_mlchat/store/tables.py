"""The tables. A change here is a new migration; version 1 is what `create_all` makes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
    false,
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
    Column("route", String(64), nullable=False, default="", server_default=""),
    Column("prompt", String(64), nullable=False, default="", server_default=""),
    Column("parameters", Text, nullable=False, default="{}", server_default="{}"),
    Column("mode", String(16), nullable=False, default="assistant", server_default="assistant"),
    # What of it is sent, as `Memory`, and the kind of file it was imported from.
    Column("memory", Text, nullable=False, default="{}", server_default="{}"),
    Column("imported", String(16), nullable=False, default="", server_default=""),
    # What a failed evaluation does here; "" as the settings say.
    Column("reviewing", String(16), nullable=False, default="", server_default=""),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Column("last_seq", Integer, nullable=False, default=0),
    Column("deleted", Boolean, nullable=False, default=False),
    Index("mlchat_conversations_owner", "owner", "notebook", "updated"),
)
by_owner = Index("mlchat_conversations_newest", conversations.c.owner, conversations.c.updated)

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
    # Whether somebody has asked to stop the running attempt, perhaps in another process.
    Column("stop", Boolean, nullable=False, default=False, server_default=false()),
    Column("pending", Text, nullable=False, default=""),
    # Which process of the kernel it was asked in, and the turn whose answer it got again.
    Column("run", String(32), nullable=False, default="", server_default=""),
    Column("answer_of", String(32), nullable=False, default="", server_default=""),
    Column("route", String(64), nullable=False, default="", server_default=""),
    Column("prompt", String(64), nullable=False, default="", server_default=""),
    # The expert who asked it; "" for the conversation's owner.
    Column("author", String(255), nullable=False, default="", server_default=""),
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

kept_answers = Table(
    "mlchat_kept_answers",
    metadata,
    Column("turn", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("conversation", String(32), nullable=False, index=True),
    Column("question", String(64), nullable=False),
    Column("used", Float, nullable=False),
    # When a person froze it; 0 when nobody did.
    Column("frozen", Float, nullable=False, default=0.0),
    Index("mlchat_kept_answers_question", "owner", "question"),
)

synonyms = Table(
    "mlchat_synonyms",
    metadata,
    # The turn whose question was said; `said` is a digest of it. With its conversation it goes.
    Column("turn", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("conversation", String(32), nullable=False, index=True),
    Column("said", String(64), nullable=False),
    Column("meant", Text, nullable=False),
    Column("updated", Float, nullable=False),
    Index("mlchat_synonyms_said", "owner", "said"),
)

prompts = Table(
    "mlchat_prompts",
    metadata,
    Column("owner", String(255), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("updated", Float, nullable=False),
)

spending = Table(
    "mlchat_spending",
    metadata,
    # One row of every llm call. `day` is the server's own, like 2026-01-31; `cost` in US dollars, null when unknown.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(255), nullable=False),
    Column("day", String(10), nullable=False),
    Column("conversation", String(32), nullable=False, index=True),
    Column("turn", String(32), nullable=False, index=True),
    Column("llm", String(255), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float),
    Column("elapsed_ms", Float, nullable=False),
    # "judge" for a verdict on an answer, "" for the answer itself.
    Column("purpose", String(16), nullable=False, default="", server_default=""),
    Index("mlchat_spending_owner", "owner", "day"),
)

attempts = Table(
    "mlchat_attempts",
    metadata,
    # How each attempt of a turn with an llm went, under the llm that had the last word.
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("day", String(10), nullable=False),
    Column("conversation", String(32), nullable=False),
    Column("turn", String(32), nullable=False, index=True),
    Column("time", Float, nullable=False),
    Column("llm", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("elapsed_ms", Float, nullable=False),
    Column("tool_calls", Integer, nullable=False),
    Column("tools_failed", Integer, nullable=False),
    Column("score", Integer, nullable=False, default=0),
    Index("mlchat_attempts_owner", "owner", "day"),
)

uploads = Table(
    "mlchat_uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, default=""),
    Column("state", String(16), nullable=False),
    Column("created", Float, nullable=False),
    # What was found in it, as `Contents`.
    Column("contents", Text, nullable=False, default="{}", server_default="{}"),
    # The one it was sent for, "" for none: it goes with that.
    Column("conversation", String(32), nullable=False, default="", server_default=""),
)
