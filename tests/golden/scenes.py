"""What happens between a person and the service, one scene a stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from golden.tape import Tape
from provider import Answer, Provider, calls, fails, says, stalls

from jupyter_mlchat.protocol import commands as c

Play = Callable[[Tape, Provider], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """`hosted` scenes are answered by the scripted provider, the others by the built-in engine.

    `snapshot_s` is how often a growing answer is stored.
    """

    play: Play
    hosted: bool = False
    snapshot_s: float = 60.0
    settings: dict[str, Any] = field(default_factory=dict)


async def _tool(tape: Tape, provider: Provider) -> None:
    tape.ask("which models do I have?")
    await tape.until("turn.ended")


async def _words(tape: Tape, provider: Provider) -> None:
    provider.enqueue(
        calls(("get_model_info", {"model_id": "clf"}), text="Let me look at `clf`."),
        says("It is a **tree** on 2 columns:\n\n", "```python\nclf.predict(X)\n```\n\n", "with $p = 0.5$."),
    )
    tape.ask("what is clf?")
    await tape.until("turn.ended")


async def _form(tape: Tape, provider: Provider) -> None:
    tape.ask("predict with clf: age = 65")
    asked = await tape.until("form.asked")
    await tape.until("turn.waiting")
    tape.say(c.FormSubmit, turn=asked["turn"], form=asked["form"], values={"income": 5.5})
    await tape.until("turn.ended")


async def _form_dismissed(tape: Tape, provider: Provider) -> None:
    tape.ask("predict with clf: age = 65")
    asked = await tape.until("form.asked")
    await tape.until("turn.waiting")
    tape.say(c.FormDismiss, turn=asked["turn"], form=asked["form"])
    await tape.until("turn.ended")


async def _choice(tape: Tape, provider: Provider) -> None:
    tape.ask("which parameters does the model have?")
    asked = await tape.until("form.asked")
    await tape.until("turn.waiting")
    tape.say(c.FormSubmit, turn=asked["turn"], form=asked["form"], choice=2)
    await tape.until("turn.ended")


def _approval(allow: bool) -> Play:
    async def play(tape: Tape, provider: Provider) -> None:
        provider.enqueue(calls(("store", {"name": "kept"})), says("Done." if allow else "Then I leave it."))
        tape.ask("keep this")
        asked = await tape.until("approval.asked")
        await tape.until("turn.waiting")
        tape.say(c.ApprovalGive, turn=asked["turn"], approval=asked["approval"], allow=allow)
        await tape.until("turn.ended")

    return play


async def _cancel(tape: Tape, provider: Provider) -> None:
    provider.enqueue(stalls("The first half"))
    tape.ask("tell me all")
    said = await tape.until("text.delta")
    tape.say(c.TurnCancel, turn=said["turn"])
    await tape.until("turn.ended")


async def _retry(tape: Tape, provider: Provider) -> None:
    provider.enqueue(fails(401, "bad key"), says("All is well now."))
    tape.ask("hello")
    ended = await tape.until("turn.ended")
    assert ended["state"] == "failed"
    tape.say(c.TurnRetry, turn=ended["turn"])
    await tape.until("turn.ended")


async def _resume(tape: Tape, provider: Provider) -> None:
    said = says("The first part, ", "then a much longer second part that is stored, ", "and the end.")
    provider.enqueue(Answer(said.pieces, between_s=0.5))
    tape.ask("tell me all")
    await tape.until("text.delta")
    await tape.hang_up()
    await tape.come_back()
    await tape.until("turn.ended")


async def _fallback(tape: Tape, provider: Provider) -> None:
    provider.enqueue(fails(404, "no such model"), fails(404, "no such model"))
    tape.ask("which models do I have?")
    await tape.until("turn.ended")


async def _refused(tape: Tape, provider: Provider) -> None:
    tape.say(c.TurnCancel, turn="no-such-turn")
    await tape.until("fault")


async def _held(tape: Tape, provider: Provider) -> None:
    """An answer that a reviewer lets go, in better words."""
    provider.enqueue(calls(("get_model_info", {"model_id": "clf"})), says("It is a tree of 4711 leaves."))
    tape.ask("what is clf?")
    asked = await tape.until("review.asked")
    await tape.until("turn.waiting")
    await tape.decides(review=asked["review"], decision="correct", text="It is a tree on 2 columns.")
    await tape.until("turn.ended")


async def _by_a_person(tape: Tape, provider: Provider) -> None:
    """The assistant's answer does not help; an expert's does, and the assistant takes over again."""
    tape.ask("which models do I have?")
    where = (await tape.until("turn.ended"))["conversation"]
    tape.say(c.ExpertRequest, conversation=where, text="I need a hand.")
    await tape.until("mode.changed")
    await tape.helps(c.ExpertClaim, conversation=where)
    await tape.until("mode.changed")
    tape.ask("why are there two?")
    await tape.until("turn.waiting")
    await tape.helps(c.PresenceSet, conversation=where, state="typing")
    await tape.until("presence")
    await tape.helps(c.ExpertSay, conversation=where, text="`other` is my **baseline**.")
    await tape.until("turn.ended")
    await tape.helps(c.ExpertSay, conversation=where, text="Keep it.")
    await tape.until("turn.ended")
    await tape.helps(c.ModeChange, conversation=where, mode="assistant")
    await tape.until("mode.changed")


async def _newer(tape: Tape, provider: Provider) -> None:
    """A server newer than the panel: an event of a kind that this protocol does not have."""
    tape.ask("which models do I have?")
    started = await tape.until("turn.started")
    tape.heard.append({**started, "type": "weather", "seq": started["seq"], "text": "It will rain.", "number": 7})
    await tape.until("turn.ended")


SCENES = {
    "answer-with-tool": Scene(_tool),
    "hosted-words-and-tool": Scene(_words, hosted=True),
    "form-submitted": Scene(_form),
    "form-dismissed": Scene(_form_dismissed),
    "choice": Scene(_choice),
    "approval-allowed": Scene(_approval(True), hosted=True),
    "approval-denied": Scene(_approval(False), hosted=True),
    "cancelled": Scene(_cancel, hosted=True),
    "failed-then-retried": Scene(_retry, hosted=True),
    "resumed": Scene(_resume, hosted=True, snapshot_s=0.0),
    "fallback": Scene(_fallback, hosted=True, settings={"fallback_ai_provider": "builtin"}),
    "refused": Scene(_refused),
    "held-then-corrected": Scene(_held, hosted=True, settings={"evaluations": True, "failed_answers": "hold"}),
    "by-a-person": Scene(_by_a_person, settings={"experts": ["ann"]}),
    "unknown-type": Scene(_newer),
}
