"""What a database refuses, in words: no statement, no path, no password."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from ..protocol.faults import Code, Fault

REASONS = {
    "disk is full": "the disk is full",
    "No space left": "the disk is full",
    "disk I/O": "the disk can't be read or written",
    "lock timeout": "another process keeps it locked",
    "locked": "another process keeps it locked",
    "readonly": "it is read-only",
    "read-only": "it is read-only",
    "malformed": "it is damaged",
    "not a database": "the file is not a database",
    "unable to open": "the file can't be opened",
    "password": "the password is wrong",
    "does not exist": "the database, its user or a table does not exist",
    "onnect": "the database server does not answer",
}
"""What a driver says, and what it means. The first that is found counts."""
FULL, DAMAGED = REASONS["disk is full"], REASONS["malformed"]
HINTS = {
    FULL: "Make room; what there is can be read meanwhile, and nothing that was accepted is lost.",
    DAMAGED: "Keep a copy of the file, and recover it (`sqlite3 FILE .recover`) or move it away.",
    REASONS["locked"]: "Try again; if that goes on, see which other process uses the file.",
    REASONS["not a database"]: "It was left as it is. Move it away, or point `db_url` elsewhere.",
}


CHECK = "Nothing was lost. Check the setting `db_url`, the rights of the Jupyter data directory, and free disk space."


def reason_of(error: DBAPIError) -> str:
    """Why, as a phrase."""
    text = str(error.orig)
    return next((phrase for word, phrase in REASONS.items() if word in text), "database error")


def refused(error: DBAPIError) -> Fault:
    """A transaction that was rolled back."""
    reason = reason_of(error)
    hint = HINTS.get(
        reason,
        CHECK,
    )
    message = f"The conversation store can't be used ({type(error.orig).__name__}: {reason})."
    return Fault(Code.STORE_UNAVAILABLE, message, hint, retryable=reason != DAMAGED)
