"""What somebody hears who comes to a conversation: what was, what is just being said, and then what comes."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..protocol.events import Event, Notice, TextDelta
from ..protocol.faults import Code
from ..protocol.records import ConversationId
from .followers import Listener
from .means import Means


async def follow(
    means: Means,
    conversation: ConversationId,
    after: int,
    listener: Listener,
    tail: Callable[[], TextDelta | None],
) -> Callable[[], None]:
    """`tail` is the text of an answer that is running. Returns what ends it; there is no gap and nothing twice."""
    held: list[Event] = []
    stop = means.journal.listen(conversation, held.append)
    try:
        missed, last = await means.journal.catch_up(conversation, after)
        # No await from here to `listen`: nothing can be told in between.
        last = max([min(last, after), *(event.seq for event in missed)])
        for stored in missed:
            listener(stored)
        running = tail()
        if running is not None:
            listener(running)
        for event in held:
            if event.seq > last or (not event.durable and running is None):
                listener(event)
        if trouble := means.database.trouble:
            code = Code.STORE_UNAVAILABLE.value
            listener(Notice(conversation=conversation, text=trouble, code=code, time=time.time()))
        return means.journal.listen(conversation, listener, max([last, *(event.seq for event in held)]))
    finally:
        stop()
