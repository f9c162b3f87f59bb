"""Who listens to which conversation in this process, and what other processes have added meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from ..protocol.events import AnyEvent, Event
from ..protocol.records import ConversationId
from ..store.sqlite import data_version
from ..store.tables import conversations, events
from .stored import decoded

Listener = Callable[[Event], None]


@dataclass(eq=False)
class Follower:
    """Hears each durable event above `last` once, in order, and whatever else is told."""

    listener: Listener
    last: int

    def hear(self, event: Event) -> None:
        if event.seq:
            if event.seq <= self.last:
                return
            self.last = event.seq
        self.listener(event)


@dataclass
class Followed:
    """One conversation. `told` is the number up to which everybody here has heard it, None until that is known."""

    told: int | None = None
    followers: list[Follower] = field(default_factory=list)

    def tell(self, event: Event) -> None:
        if event.seq and self.told is not None:
            self.told = max(self.told, event.seq)
        for follower in list(self.followers):
            try:
                follower.hear(event)
            except Exception as error:
                # One that can't hear any more, a kernel that is gone, is no reason for others not to.
                logging.getLogger(__name__).warning("mlchat: a listener is dropped (%s)", type(error).__name__)
                if follower in self.followers:
                    self.followers.remove(follower)


class Followers:
    """Lives in the service's loop; `missed` and `look` run in the store's thread and change nothing but `_version`."""

    def __init__(self) -> None:
        self._followed: dict[ConversationId, Followed] = {}
        self._version: int | None = None

    def __bool__(self) -> bool:
        return bool(self._followed)

    def add(self, conversation: ConversationId, listener: Listener, after: int) -> Callable[[], None]:
        """Returns what ends it."""
        followed, follower = self._followed.setdefault(conversation, Followed()), Follower(listener, after)
        followed.followers.append(follower)

        def stop() -> None:
            if follower in followed.followers:
                followed.followers.remove(follower)
            if not followed.followers and self._followed.get(conversation) is followed:
                del self._followed[conversation]

        return stop

    def begin(self, conversation: ConversationId, last: int) -> None:
        """The store was read up to `last` for the first who listens: from there on others' events are looked for."""
        followed = self._followed.get(conversation)
        if followed is not None and followed.told is None:
            followed.told = last

    def tell(self, event: Event) -> None:
        if event.conversation in self._followed:
            self._followed[event.conversation].tell(event)

    def missed(self, connection: Connection, conversation: ConversationId, below: int) -> list[AnyEvent]:
        """What others have added between what was told here and the number `below`."""
        followed = self._followed.get(conversation)
        if followed is None or followed.told is None or followed.told + 1 >= below:
            return []
        between = events.c.seq.between(followed.told + 1, below - 1)
        query = select(events.c.seq, events.c.body).where(events.c.conversation == conversation, between)
        return [decoded(conversation, *row) for row in connection.execute(query.order_by(events.c.seq))]

    def look(self, connection: Connection) -> list[AnyEvent]:
        """Everything that others have added since, of the conversations that somebody listens to here."""
        version = data_version(connection)
        if version is not None and version == self._version:
            return []
        known = {one for one, followed in list(self._followed.items()) if followed.told is not None}
        query = select(conversations.c.id, conversations.c.last_seq).where(conversations.c.id.in_(known))
        last = connection.execute(query).all()
        found = [event for one, seq in last for event in self.missed(connection, ConversationId(one), seq + 1)]
        self._version = version
        return found
