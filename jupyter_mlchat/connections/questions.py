"""Commands that only ask: answered by one event on the same connection, kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..chat.glances import glance_of
from ..guard.access import Caller
from ..guard.features import check_command
from ..protocol.commands import ApprovalPreview, ChoicesGet, ExportGet, KernelGet, LlmsGet, SearchGet, TurnSent
from ..protocol.events import ChoicesTold, Exported, KernelGlance, LlmsTold, Previewed, SearchTold, Sent

if TYPE_CHECKING:
    from ..chat.service import ChatService

PATIENCE_S = 2.0
"""How long somebody who asks for the llms waits for providers; what is known by then is the answer."""
MOST_LLMS = 200

Question = TurnSent | ApprovalPreview | LlmsGet | ChoicesGet | SearchGet | ExportGet | KernelGet
Answer = Sent | Previewed | LlmsTold | ChoicesTold | SearchTold | Exported | KernelGlance


async def answer_to(service: ChatService, question: Question, caller: Caller) -> Answer:
    """Raises Fault for what is not the caller's to know, not there, or switched off."""
    check_command(service.means.settings, question)
    if isinstance(question, TurnSent):
        requests = await service.sent(question.turn, caller)
        return Sent(command=question.id, turn=question.turn, requests=requests)
    if isinstance(question, KernelGet):
        return await glance_of(service, question, caller)
    if isinstance(question, ApprovalPreview):
        from ..chat.preview import preview

        result = await preview(service.means, await service.turn(question.turn, caller), question.approval)
        return Previewed(command=question.id, turn=question.turn, result=result)
    if isinstance(question, ChoicesGet):
        return ChoicesTold(command=question.id, choices=await service.choices(question, caller))
    if isinstance(question, SearchGet):
        found = await service.archive.find(caller, question.words, question.limit)
        return SearchTold(command=question.id, found=found)
    if isinstance(question, ExportGet):
        text = await service.archive.export(question.conversation, caller, question.format)
        return Exported(command=question.id, conversation=question.conversation, text=text)
    return await _llms(service, question)


async def _llms(service: ChatService, question: LlmsGet) -> LlmsTold:
    catalogue, word = service.means.catalogue, question.word.strip()
    if question.wait:
        await catalogue.refreshed(force=question.refresh, patience_s=PATIENCE_S)
    else:
        catalogue.refresh(force=question.refresh)
    found = catalogue.search(word) if word else catalogue.usable()
    return LlmsTold(
        command=question.id,
        llms=found[:MOST_LLMS],
        total=len(found),
        providers=catalogue.providers(),
        complete=catalogue.complete,
        close=catalogue.close(word) if word and not found else [],
    )
