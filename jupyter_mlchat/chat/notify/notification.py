"""What experts are told, and what a way to tell them is."""

from __future__ import annotations

from typing import Literal, Protocol

from ...protocol.records import ConversationId, Mode, Record

Kind = Literal["requested", "returned", "assigned"]


class Notification(Record, frozen=True, kw_only=True, omit_defaults=False):
    """Somebody asks for a person, a request is back in the queue, or it was assigned to `expert`.

    `id` is the request's: the same one may be told more than once. `queue` counts the requests that wait, `time` is
    in seconds since the epoch. `title` and `note` are "" unless the setting `notify_content` lets them be told.
    """

    id: str
    kind: Kind
    time: float
    conversation: ConversationId
    owner: str
    mode: Mode
    queue: int
    expert: str = ""
    title: str = ""
    note: str = ""


class NotDelivered(Exception):
    """`again`: it may work later. The text is for the log: no address, no key."""

    def __init__(self, text: str, *, again: bool) -> None:
        super().__init__(text)
        self.again = again


class Channel(Protocol):
    @property
    def name(self) -> str:
        """As people know it."""
        ...

    def send(self, notification: Notification) -> None:
        """In a worker thread. Raises NotDelivered."""
