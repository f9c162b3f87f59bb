"""What one attempt sends to its llm: the system prompt, and what of the history goes along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ..guard.personal import redact
from ..guard.pointing import pointed
from ..llm.base import Llm, Message
from ..llm.pictures import with_pictures
from ..protocol.events import AnyEvent
from ..protocol.events import Message as Said
from ..protocol.faults import Fault
from ..protocol.records import Picture, ToolInfo
from .means import Means
from .prompts import Prompts
from .remembering import earlier_turns
from .summaries import summary_of
from .threads import Turn


async def messages_for(
    llm: Llm,
    turn: Turn,
    means: Means,
    tools: Sequence[ToolInfo],
    catalogue: dict[str, Any] | None,
    pictures: Sequence[Picture] = (),
) -> list[Message]:
    """System message, history, this turn so far, with its `pictures`. `catalogue` as in `LlmRequest`."""
    from ..agent.prompts import system_prompt

    wishes = "" if llm.local else await Prompts(means.database).wishes(turn, means.settings.prompt, catalogue)
    context = replace(turn.context, attached=pointed(turn.context.attached))
    content = system_prompt(tools, context, redact(_summary(catalogue)), wishes)
    said = with_pictures(await history_for(turn, means, local=llm.local), pictures)
    return [{"role": "system", "content": content}, *said]


async def history_for(turn: Turn, means: Means, *, local: bool) -> list[Message]:
    """What was said so far, this turn last. `local` as in `messages_from`."""
    from ..agent.memory import messages_from, summary_messages

    window = 1 + earlier_turns(turn.memory, means.settings)
    summary = "" if local else await summary_of(turn, means)
    earlier = summary_messages(summary) if summary else []
    return [*earlier, *messages_from(await history(turn, means), window=window, local=local)]


async def history(turn: Turn, means: Means) -> list[AnyEvent]:
    """This turn's events last; of earlier turns as many as `max_history` lets in, each whole."""
    if not earlier_turns(turn.memory, means.settings):
        return await means.journal.read_turn(turn.id)
    info = await means.journal.info(turn.conversation)
    after = max(0, info.last_seq - means.settings.max_history)
    events = await means.journal.read(turn.conversation, after)
    whole = {event.turn for event in events if isinstance(event, Said)}
    mine = [event for event in events if event.turn == turn.id]
    return [*(event for event in events if event.turn in whole - {turn.id}), *mine]


def _summary(catalogue: dict[str, Any] | None) -> str:
    """Names and kinds of what the kernel holds, for the system prompt, or why nobody can tell."""
    if catalogue is None:
        return ""
    if "fault" in catalogue:
        fault: Fault = catalogue["fault"]
        return f"It can't be looked into now: {fault.record.message} {fault.record.hint}"
    from ..agent.naming import named

    models, frames = named(catalogue["models"], 20), named(catalogue["frames"], 20)
    return "\n".join(
        line
        for line in (
            f"Models: {', '.join(models)}" if models else "",
            f"Dataframes: {', '.join(frames)}" if frames else "",
        )
        if line
    )
