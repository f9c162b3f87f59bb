"""One turn as the person who asked sees it: built event by event, shown in a notebook or a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .signs import explained, signed


@dataclass
class ToolCallView:
    """What a tool was asked and what it found. `data` holds everything the person may see."""

    name: str
    args: dict[str, Any]
    ok: bool | None = None
    data: dict[str, Any] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    elapsed_ms: float = 0.0
    code: str = ""
    display_ref: str = ""
    """Of its figure, which is in the kernel; "" where it has none."""


@dataclass(frozen=True)
class Figure:
    """A notebook shows it as a picture."""

    png: bytes = field(repr=False)

    def _repr_png_(self) -> bytes:
        return self.png


@dataclass
class OfferView:
    """A reading that can be chosen with `reply.choose(n)`, counted from 1."""

    tool: str
    args: dict[str, Any]
    text: str


@dataclass
class Reply:
    """`status` is queued, active, waiting, completed, failed, cancelled or abandoned.

    `form` and `approval` are set while the turn waits for them; `fill`, `choose`, `approve` and `deny` go on
    with the same turn and answer this same reply. Nothing here waits for a person.

    `marks` say where each number and name of `text` comes from: `{start, end, call}`, without a call where it has
    no source. `unverified` are those, as they are written.
    """

    question: str = ""
    text: str = ""
    thinking: str = ""
    status: str = "queued"
    turn_id: str = ""
    conversation_id: str = ""
    llm: str = ""
    host: str = ""
    tool_calls: list[ToolCallView] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    form: dict[str, Any] | None = None
    approval: dict[str, Any] | None = None
    offers: list[OfferView] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0})
    cost: float | None = None
    fault: dict[str, Any] | None = None
    answered_by: str = ""
    waits_for: str = ""
    """form, approval, cell, review or person, while it waits."""
    last_seq: int = 0
    _calls: dict[str, ToolCallView] = field(default_factory=dict, repr=False)
    _go_on: Callable[[dict[str, Any]], Reply] | None = field(default=None, repr=False)
    _sent: Callable[[str], list[dict[str, Any]]] | None = field(default=None, repr=False)
    _draw: Callable[[str], bytes | None] | None = field(default=None, repr=False)
    _taken: int = field(default=0, repr=False)

    @property
    def figures(self) -> list[Figure]:
        """Of the answers that people would rather look at than read: made of aggregates alone, as PNG.

        Empty without matplotlib, and where the kernel has forgotten them.
        """
        return self._drawn(0)

    def take_figures(self) -> list[Figure]:
        """Those that were not taken before."""
        begin, self._taken = self._taken, len(self.tool_calls)
        return self._drawn(begin)

    def _drawn(self, begin: int) -> list[Figure]:
        refs = [one.display_ref for one in self.tool_calls[begin:] if one.display_ref]
        pictures = [self._draw(ref) for ref in refs] if self._draw is not None else []
        return [Figure(picture) for picture in pictures if picture is not None]

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Every request that left for a provider on behalf of this turn, whole; [] with the built-in engine."""
        return self._sent(self.turn_id) if self._sent is not None and self.turn_id else []

    # -- going on with the turn ------------------------------------------------------------------------

    def approve(self) -> Reply:
        """Allow the pending effect, once."""
        return self._answer_approval(True)

    def deny(self) -> Reply:
        return self._answer_approval(False)

    def fill(self, **values: Any) -> Reply:
        """Answer the pending form; names as in `reply.form["spec"]["fields"]`."""
        return self.fill_values(values)

    def fill_values(self, values: dict[str, Any]) -> Reply:
        """As `fill`, for feature names that are not identifiers."""
        form = self._pending(self.form, "form to fill")
        return self._continue({"type": "form.submit", "form": form["form"], "values": values})

    def choose(self, number: int) -> Reply:
        """Pick offer `number`, counted from 1. Raises ValueError when there is no such offer."""
        form = self._pending(self.form, "choice to make")
        if not 1 <= number <= len(self.offers):
            raise ValueError(f"Choose a number from 1 to {len(self.offers)}.")
        return self._continue({"type": "form.submit", "form": form["form"], "choice": number})

    def _answer_approval(self, allow: bool) -> Reply:
        approval = self._pending(self.approval, "approval to give")
        command = {"type": "approval.give", "approval": approval["approval"], "allow": allow}
        return self._continue(command)

    def _pending(self, what: dict[str, Any] | None, name: str) -> dict[str, Any]:
        if what is None:
            raise ValueError(f"There is no {name}: the turn is {self.status}.")
        return what

    def _continue(self, command: dict[str, Any]) -> Reply:
        if self._go_on is None:
            raise ValueError("This reply is from history; ask again.")
        return self._go_on({**command, "turn": self.turn_id})

    # -- events ------------------------------------------------------------------------------------------

    def take(self, event: dict[str, Any]) -> None:
        """Add one event of this turn; others are passed over, unknown ones too: a newer service may say more."""
        turn = event.get("turn")
        if turn and turn != self.turn_id and event["type"] != "accepted":
            return
        handler = getattr(self, "_on_" + event["type"].replace(".", "_"), None)
        self.last_seq = max(self.last_seq, event.get("seq", 0))
        if handler is not None:
            handler(event)

    def _on_accepted(self, event: dict[str, Any]) -> None:
        self.turn_id = event.get("turn", self.turn_id)
        self.conversation_id = event.get("conversation", self.conversation_id)

    def _on_turn_queued(self, event: dict[str, Any]) -> None:
        self.status = "queued"

    def _on_turn_started(self, event: dict[str, Any]) -> None:
        self.status, self.llm, self.fault = "active", event["llm"], None
        # A new attempt begins only when nothing is waited for any more.
        self.text, self.form, self.approval, self.offers = "", None, None, []
        self.marks, self.unverified = [], []

    def _on_step_started(self, event: dict[str, Any]) -> None:
        self.steps.append(f"{event['name']}: {event['detail']}" if event.get("detail") else event["name"])

    def _on_text_delta(self, event: dict[str, Any]) -> None:
        self.text = self.text[: event["offset"]] + event["text"]
        self.marks = [*(self.marks if event["offset"] else []), *event.get("marks", [])]

    def _on_text_snapshot(self, event: dict[str, Any]) -> None:
        if event.get("kind", "answer") == "answer":
            self.text, self.marks = event["text"], event.get("marks", [])
        else:
            self.thinking, self.text, self.marks = event["text"], "", []

    def _on_thinking_delta(self, event: dict[str, Any]) -> None:
        self.thinking = self.thinking[: event["offset"]] + event["text"]

    def _on_tool_called(self, event: dict[str, Any]) -> None:
        call = ToolCallView(event["tool"], event.get("args", {}))
        self._calls[event["call"]] = call
        self.tool_calls.append(call)

    def _on_tool_returned(self, event: dict[str, Any]) -> None:
        call = self._calls.get(event["call"])
        if call is not None:
            result = event["result"]
            call.ok = result["ok"]
            call.data = result.get("local") or result.get("data", {})
            call.issues = result.get("issues", [])
            call.elapsed_ms = result.get("elapsed_ms", 0.0)
            call.code = result.get("code", "")
            call.display_ref = result.get("display_ref", "")

    def _on_form_asked(self, event: dict[str, Any]) -> None:
        self.form = event
        offers = event["spec"].get("offers", [])
        self.offers = [OfferView(o["tool"], o.get("args", {}), o["text"]) for o in offers]

    def _on_form_closed(self, event: dict[str, Any]) -> None:
        self.form, self.offers = None, []

    def _on_approval_asked(self, event: dict[str, Any]) -> None:
        self.approval = event

    def _on_approval_closed(self, event: dict[str, Any]) -> None:
        self.approval = None

    def _on_turn_waiting(self, event: dict[str, Any]) -> None:
        self.status, self.waits_for = "waiting", event["waits_for"]

    def _on_message(self, event: dict[str, Any]) -> None:
        """A person may answer in the assistant's place."""
        if event.get("role") == "expert" and event.get("to") != "assistant":
            said = f"{event.get('author') or 'An expert'}: {event['text']}"
            self.text = f"{self.text}\n\n{said}" if self.text else said

    def _on_notice(self, event: dict[str, Any]) -> None:
        self.notices.append(event["text"])
        # Where another one steps in.
        self.llm = event.get("llm") or self.llm

    def _on_usage(self, event: dict[str, Any]) -> None:
        usage = event["usage"]
        for key in self.usage:
            self.usage[key] += usage.get(key, 0)
        if usage.get("cost") is not None:
            self.cost = (self.cost or 0.0) + usage["cost"]

    def _on_turn_ended(self, event: dict[str, Any]) -> None:
        self.status = event["state"]
        self.fault = event.get("fault")
        self.answered_by = event.get("answered_by", "")
        self.unverified = event.get("unverified", [])

    def _on_fault(self, event: dict[str, Any]) -> None:
        self.fault, self.status = event["fault"], "failed"

    # -- showing -----------------------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """True when nothing more comes without somebody doing something."""
        if self.status == "waiting":
            return self.form is not None or self.approval is not None or self.waits_for in ("person", "review")
        return self.status in ("completed", "failed", "cancelled", "abandoned")

    @property
    def signed(self) -> str:
        """The text with a sign behind everything that has no source."""
        return signed(self.text, self.marks)

    def markdown(self) -> str:
        text = [self.signed.rstrip()] if self.text.strip() else []
        return "\n\n".join([*text, *self._below()])

    def ending(self, printed: int) -> str:
        """What is still to print where the first `printed` characters of the text were."""
        return plain("\n\n".join([self.text[printed:].rstrip(), *self._below()]))

    def _below(self) -> list[str]:
        parts = [line for line in [explained(self.unverified)] if line]
        parts += [f"*{notice}*" for notice in self.notices]
        if self.form is not None:
            parts.append(_form_text(self.form["spec"]))
        if self.approval is not None:
            parts.append(_approval_text(self.approval))
        if self.fault is not None:
            hint = f" {self.fault['hint']}" if self.fault.get("hint") else ""
            parts.append(f"**{self.fault['message']}**{hint}")
        if self.status == "cancelled":
            parts.append("*(stopped)*")
        if self.answered_by:
            parts.append(f"<sub>answered by {self.answered_by}</sub>")
        elif self.status == "waiting" and self.waits_for == "person":
            parts.append("*A person will answer this: look into the panel, or at `chat.history`.*")
        elif not self.settled:
            parts.append(f"*{self.steps[-1] if self.steps else 'thinking'} ...*")
        return parts

    def __str__(self) -> str:
        return plain(self.markdown())

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/markdown": self.markdown(), "text/plain": str(self)}


def plain(markdown: str) -> str:
    """The same for a terminal: without what only a notebook reads."""
    text = markdown.replace("<sub>", "").replace("</sub>", "")
    return re.sub(r"\\([\\`*_{}\[\]()#+.!|<>~-])", r"\1", text)


def _form_text(spec: dict[str, Any]) -> str:
    if spec.get("kind") == "choice":
        lines = [f"{n}. {offer['text']}" for n, offer in enumerate(spec["offers"], 1)]
        return "\n".join([spec["title"], "", *lines, "", "Pick one with `%chat choose 1`."])
    missing = [f for f in spec["fields"] if f.get("required", True) and f.get("value") is None]
    lines = [f"- `{f['name']}`: {_limits(f)}" for f in missing or spec["fields"]]
    lines += [f"- {f['problem']}" for f in spec["fields"] if f.get("problem")]
    if spec.get("start"):
        lines += ["", f"These matter most of {spec['total']:,}. What is left out is that of {spec['start']['help']}."]
    if [f.get("kind") for f in spec["fields"]] == ["textarea"]:
        return "\n".join([spec["title"], "", *lines, "", "Answer with `%chat fill` and the text."])
    example = " ".join(f"{_word(f['name'])}=..." for f in (missing or spec["fields"])[:4])
    return "\n".join([spec["title"], "", *lines, "", f"Answer with `%chat fill {example}`."])


def _word(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _limits(field_: dict[str, Any]) -> str:
    if field_.get("options"):
        shown = ", ".join(str(option) for option in field_["options"][:12])
        more = len(field_["options"]) - 12
        text = f"one of {shown}" + (f" and {more} more" if more > 0 else "")
    elif field_.get("minimum") is not None and field_.get("maximum") is not None:
        text = f"{field_.get('kind', 'number')}, {field_['minimum']:g} to {field_['maximum']:g} when it was fitted"
    else:
        text = {"textarea": "a text"}.get(field_.get("kind", ""), str(field_.get("kind", "text")))
    if field_.get("default") is not None:
        default = field_["default"]
        text += f" (typical: {default:g})" if isinstance(default, float) else f" (typical: {default})"
    return text


def _approval_text(approval: dict[str, Any]) -> str:
    code = f"\n\n```python\n{approval['code']}\n```" if approval.get("code") else ""
    changes = "".join(
        f"\n\n- `{one['name']}`: {one.get('before') or 'nothing'} → {one.get('after') or 'nothing'}"
        for one in approval.get("changes") or ()
    )
    return f"{approval['summary']}{changes}{code}\n\nAllow it with `%chat approve`, or `%chat deny`."
