"""What `%chat route`, `prompt`, `prompts`, `set` and `status` say and do, as Markdown."""

from __future__ import annotations

import ast
import shlex
from typing import Any

from .chat import Chat

BACK = ("default", "none")
"""Words that take a choice back to the settings'; for a prompt "none" means no prompt at all."""
EXAMPLE = "`%chat set temperature=0.7 top_p=0.9`"


def route(chat: Chat, wanted: str) -> str:
    """Choose one, or list them."""
    if not wanted:
        told = chat.choices()
        rows = [_row(one["name"], one["description"], one.get("problem", "")) for one in told["routes"]]
        return f"This conversation's route: {_route(chat, told)}. Choose one with `%chat route NAME`:\n\n{_list(rows)}"
    chat.update(route="" if wanted in BACK else wanted)
    chat.route = None
    return f"From the next question on: {_route(chat, chat.choices())}."


def prompt(chat: Chat, wanted: str) -> str:
    if not wanted:
        return f"This conversation's prompt: {_prompt(chat, chat.choices())}. `%chat prompts` lists them."
    chat.update(prompt="" if wanted == BACK[0] else wanted)
    chat.prompt = None
    return f"From the next question on: {_prompt(chat, chat.choices())}."


def mode(chat: Chat, wanted: str, note: str = "") -> str:
    chat.change_mode(wanted, note)
    if wanted == "assistant":
        return "The assistant answers from the next question on."
    return "A person was asked for. What you write from now on waits for them; `%chat assistant` goes back."


def prompts(chat: Chat) -> str:
    told = chat.choices()
    rows = [
        _row(one["name"], one.get("description") or _start(one["text"]), "" if one.get("shipped") else "yours")
        for one in told["prompts"]
    ]
    return f"This conversation's prompt: {_prompt(chat, told)}. Choose one with `%chat prompt NAME`:\n\n{_list(rows)}"


def parameters(chat: Chat, text: str) -> str:
    """Set those that `text` names, or show all with their bounds."""
    if text:
        chat.update(parameters=parsed(text))
    told = chat.choices()
    chosen = _chosen(told)
    rows = []
    for bound in told["bounds"]:
        span = f"{bound['minimum']:,g} to {bound['maximum']:,g}"
        taken = "" if bound.get("taken", True) else f"; {told.get('llm') or 'the llm'} does not take it"
        rows.append(_row(bound["name"], f"{chosen.get(bound['name'], 'default')} ({span}{taken})"))
    rows.append(_row("system", _start(chosen["system"]) if "system" in chosen else "default"))
    return f"Parameters of this conversation, changed as in {EXAMPLE}:\n\n{_list(rows)}"


def status(chat: Chat) -> str:
    """Lines for `%chat status`; "" when no conversation has begun, or its host does not answer."""
    if chat.conversation_id is None:
        return ""
    try:
        told = chat.choices()
    except RuntimeError:
        return ""
    untaken = {bound["name"] for bound in told["bounds"] if not bound.get("taken", True)}
    said = [f"{name}={_start(str(value))}{' (not taken)' * (name in untaken)}" for name, value in _chosen(told).items()]
    lines = (f"route: {_route(chat, told)}", f"prompt: {_prompt(chat, told)}", f"set: {', '.join(said) or 'nothing'}")
    return "".join(f"\n- {line}" for line in lines)


def parsed(text: str) -> dict[str, Any]:
    """`temperature=0.7 system="Answer in German."` to values; `default` takes one back (None). Raises ValueError."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("A quote is not closed.") from None
    values: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"`{word}` is not of the form name=value, as in {EXAMPLE}.")
        values[name] = None if value == BACK[0] else value if name == "system" else _number(value)
    return values


def _number(text: str) -> Any:
    """A number where it is one; the service says what is wrong with the rest."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float)) else text


def _route(chat: Chat, told: dict[str, Any]) -> str:
    chosen = chat.route or told.get("info", {}).get("route", "")
    return f"`{chosen}`" if chosen else "as configured"


def _prompt(chat: Chat, told: dict[str, Any]) -> str:
    chosen = chat.prompt or told.get("info", {}).get("prompt", "")
    return f"`{chosen}`" if chosen else "as configured"


def _chosen(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told.get("info", {}).get("parameters", {})
    return found


def _row(name: str, text: str, note: str = "") -> str:
    return f"`{name}`: {text}{f' ({note})' if note else ''}"


def _list(rows: list[str]) -> str:
    return "\n".join(f"- {row}" for row in rows)


def _start(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
