"""Pictures of a question before anything leaves: who could see them, and what the level and the person say of it.

A figure shows values of the data: it leaves as raw rows do, and nothing is asked twice in a turn.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from ..agent.memory import figures
from ..llm.base import Llm
from ..llm.chain import Chain
from ..llm.external import EXTERNAL
from ..llm.pictures import BLIND, blind
from ..llm.providers import provider_of
from ..protocol.events import AnyEvent, ApprovalAsked, ApprovalClosed, Message, Notice
from ..protocol.records import Picture
from .means import Means
from .narrator import Narrator
from .threads import Call
from .toolcalls import ToolCalls

SHOW = "show_figures"
"""What an approval of it calls it. No llm can call it."""
WITHHELD = "figure_withheld"
NOT_PERMITTED = (
    "The figure was not sent: what shows raw data may not leave here. At the level of privacy `rows` it would go, at "
    "`aggregates` you would be asked."
)


def brought(events: Sequence[AnyEvent]) -> list[Picture]:
    """What came along with the question of a turn."""
    return [picture for event in events if isinstance(event, Message) for picture in event.images]


async def seeing(llm: Llm, means: Means) -> list[str]:
    """Of an llm, and those that may step in for it, the names of those that can see."""
    links = llm.links if isinstance(llm, Chain) else [llm]
    names = [link.name for link in links if not link.local and provider_of(link.name) != EXTERNAL]
    return [name for name in names if await means.catalogue.sees(name)]


async def shown(
    events: Sequence[AnyEvent], llm: Llm, sees: Sequence[str], calls: ToolCalls, narrator: Narrator
) -> list[Picture]:
    """Those of a turn's pictures that may leave; why others don't is told. Raises `Waits` where a person decides."""
    pictures = brought(events)
    if not pictures:
        return []
    decision = calls.decides("disclose")
    if not sees:
        withheld, code = blind(llm.name), BLIND
    elif decision == "deny":
        withheld, code = NOT_PERMITTED, WITHHELD
    elif decision == "allow" or (answer := _answer(events, sees)) == "allowed":
        return pictures
    elif answer:
        withheld, code = "The figure was not sent: you did not allow it.", WITHHELD
    else:
        call = Call(uuid.uuid4().hex, SHOW, {"figures": figures(pictures), "llms": list(sees)})
        raise await calls.asking(call, "disclose", _summary(pictures, sees))
    if not any(isinstance(event, Notice) and event.code == code for event in events):
        await narrator.tell(narrator.event(Notice, text=withheld, code=code))
    return []


def _summary(pictures: Sequence[Picture], sees: Sequence[str]) -> str:
    names = ", ".join(f"`{name.replace('`', '')}`" for name in figures(pictures))
    size = sum(len(picture.data) * 3 // 4 - picture.data.count("=") for picture in pictures)
    to = sees[0] + (f" (or to {', '.join(sees[1:])}, should that fail)" if sees[1:] else "")
    return f"Send {names} as a picture ({size:,} bytes) to {to}? Whoever sees it sees the values that it draws."


def _answer(events: Sequence[AnyEvent], sees: Sequence[str]) -> str:
    """What the person said of showing them to these llms; "" where they were not asked."""
    closed: Mapping[str, str] = {e.approval: e.outcome for e in events if isinstance(e, ApprovalClosed)}
    asked = [e for e in events if isinstance(e, ApprovalAsked) and e.tool == SHOW]
    said = [closed.get(one.approval, "") for one in asked if set(sees) <= set(one.args["llms"])]
    return said[-1] if said else ""
