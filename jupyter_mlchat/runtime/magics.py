"""`%%chat` and `%chat`: the conversation in a cell. A cell never waits for a person."""

from __future__ import annotations

import ast
import base64
import shlex
import sys
import time
from collections.abc import Callable
from typing import Any

from . import choosing, keeping
from .bridge import Bridge
from .chat import Chat
from .llms import table
from .reply import Reply

UPDATE_S = 0.1
MAX_FIGURES = 4
HELP = """\
**In a cell:** `%%chat` and your question below it, or `%chat ask what does pipe need?` on one line.

| | |
|---|---|
| `%chat fill tenure=12 plan=pro` | answer the form of the last turn |
| `%chat choose 2` | pick an offered reading |
| `%chat approve`, `%chat deny` | allow or refuse what waits for you |
| `%chat llm openai/gpt-4o-mini` | who words the answers; `builtin` needs no key |
| `%chat freeze`, `%chat unfreeze` | keep the last answer whatever changes; let it be answered anew |
| `%chat llms`, `%chat llms mini` | which language models there are, or those with these words |
| `%chat route auto` | how it is answered: `agent`, `direct`, `builtin`, `auto`, `external/NAME` |
| `%chat prompts`, `%chat prompt terse` | prompts that there are; choose one |
| `%chat set temperature=0.7 top_p=0.9` | how the llm words; `temperature=default` takes it back |
| `%chat expert` and a note, `%chat assistant` | have a person answer, where experts are named; go back |
| `%chat memory 5`, `on`, `off` | how many earlier turns go along with a question |
| `%chat search churn` | what was said with these words, in all your conversations |
| `%chat export churn.md` | this conversation as a file: `.md`, `.ipynb` (its code) or `.json` (all of it) |
| `%chat stop`, `%chat new` | stop the last turn; begin a new conversation |
| `%chat status` | who hosts this, which llm, route, prompt and parameters, what is hidden |
| `%chat hide NAME`, `%chat show NAME` | make a variable invisible to tools and llm, or visible again |
| `%chat off` | take everything of this out of the kernel |
"""


class ChatMagics:
    """The two magics of one kernel, sharing one `Chat`."""

    def __init__(self, bridge: Bridge, make_chat: Callable[[], Chat], remove: Callable[[], None]) -> None:
        self._bridge = bridge
        self._make_chat = make_chat
        self._remove = remove
        self._chat: Chat | None = None
        # What of ours stands in IPython's table, by kind: only that is taken out again.
        self.registered: dict[str, Any] = {}

    @property
    def chat(self) -> Chat:
        if self._chat is None:
            self._chat = self._make_chat()
        return self._chat

    def cell(self, line: str, cell: str) -> None:
        """`%%chat`: everything in the cell is the question, as it stands."""
        text = f"{line.strip()}\n{cell}".strip()
        self._ask(text)

    def line(self, line: str) -> None:
        """`%chat WORD ...`"""
        word, _, rest = line.strip().partition(" ")
        action = getattr(self, f"_do_{word or 'help'}", None)
        if action is None:
            show(f"There is no `%chat {word}`. To ask something: `%chat ask {line.strip()}`.")
            return
        action(rest.strip())

    def _ask(self, text: str) -> None:
        if not text:
            show(HELP)
            return
        reply = Reply(question=text)
        self._follow(self.chat.question(text), reply)

    def _follow(self, command: dict[str, Any], reply: Reply) -> None:
        screen = Screen(live=self._bridge.shell.kernel is not None)
        try:
            for _ in self.chat.follow(command, reply):
                screen.update(reply)
        finally:
            screen.finish(reply)

    def _go_on(self, act: Callable[[Reply], dict[str, Any] | None]) -> None:
        reply = self.chat.last
        if reply is None:
            show("There is no turn to go on with. Ask something first.")
            return
        command = act(reply)
        if command is not None:
            reply.text = ""
            self._follow({**command, "turn": reply.turn_id}, reply)

    def _do_ask(self, rest: str) -> None:
        self._ask(rest)

    def _do_help(self, rest: str) -> None:
        show(HELP)

    def _do_fill(self, rest: str) -> None:
        def act(reply: Reply) -> dict[str, Any] | None:
            if reply.form is None:
                show(f"No form is open: the last turn is {reply.status}.")
                return None
            try:
                values = values_of(reply.form["spec"].get("fields") or [], rest)
            except ValueError as error:
                show(str(error))
                return None
            return {"type": "form.submit", "form": reply.form["form"], "values": values}

        self._go_on(act)

    def _do_choose(self, rest: str) -> None:
        def act(reply: Reply) -> dict[str, Any] | None:
            if not reply.offers:
                show(f"There is nothing to choose: the last turn is {reply.status}.")
                return None
            if not rest.isdigit() or not 1 <= int(rest) <= len(reply.offers):
                show(f"Choose a number from 1 to {len(reply.offers)}, as in `%chat choose 1`.")
                return None
            form = reply.form or {}
            return {"type": "form.submit", "form": form["form"], "choice": int(rest)}

        self._go_on(act)

    def _do_approve(self, rest: str) -> None:
        self._decide(True)

    def _do_deny(self, rest: str) -> None:
        self._decide(False)

    def _decide(self, allow: bool) -> None:
        def act(reply: Reply) -> dict[str, Any] | None:
            if reply.approval is None:
                show(f"Nothing waits for an approval: the last turn is {reply.status}.")
                return None
            return {"type": "approval.give", "approval": reply.approval["approval"], "allow": allow}

        self._go_on(act)

    def _do_llm(self, rest: str) -> None:
        if not rest:
            show(f"This chat uses `{self.chat.llm or 'the configured llm'}`.")
            return
        self.chat.llm = None if rest in ("default", "auto") else rest
        show(f"From the next question on: `{rest}`.")

    def _do_freeze(self, rest: str) -> None:
        self._freeze(True, "Frozen: in this notebook this question gets this answer, whatever changes.")

    def _do_unfreeze(self, rest: str) -> None:
        self._freeze(False, "No longer frozen: the next time this is asked, it is answered anew.")

    def _freeze(self, frozen: bool, done: str) -> None:
        last = self.chat.last
        if last is None:
            show("There is no answer yet. Ask something first.")
            return
        reply = self.chat.send({"type": "turn.freeze", "turn": last.turn_id, "frozen": frozen})
        fault = reply.fault
        show(f"**{fault['message']}** {fault['hint']}" if fault else done)

    def _do_llms(self, rest: str) -> None:
        try:
            show(table(self.chat.look_up(rest), rest))
        except RuntimeError as error:
            show(str(error))

    def _do_route(self, rest: str) -> None:
        self._choose(lambda: choosing.route(self.chat, rest))

    def _do_prompt(self, rest: str) -> None:
        self._choose(lambda: choosing.prompt(self.chat, rest))

    def _do_prompts(self, rest: str) -> None:
        self._choose(lambda: choosing.prompts(self.chat))

    def _do_set(self, rest: str) -> None:
        self._choose(lambda: choosing.parameters(self.chat, rest))

    def _choose(self, act: Callable[[], str]) -> None:
        try:
            show(act())
        except (ValueError, RuntimeError) as error:
            show(f"**Not done.** {error}")

    def _do_expert(self, rest: str) -> None:
        self._choose(lambda: choosing.mode(self.chat, "expert", rest))

    def _do_assistant(self, rest: str) -> None:
        self._choose(lambda: choosing.mode(self.chat, "assistant"))

    def _do_memory(self, rest: str) -> None:
        self._choose(lambda: keeping.memory(self.chat, rest))

    def _do_search(self, rest: str) -> None:
        self._choose(lambda: keeping.search(self.chat, rest))

    def _do_export(self, rest: str) -> None:
        self._choose(lambda: keeping.export(self.chat, rest.strip("'\"")))

    def _do_stop(self, rest: str) -> None:
        reply = self.chat.last
        if reply is None or reply.status in ("completed", "failed", "cancelled", "abandoned"):
            show("Nothing runs or waits.")
            return
        self.chat.stop()
        show("Stopped.")

    def _do_new(self, rest: str) -> None:
        self.chat.new()
        show("A new conversation begins with your next question.")

    def _do_status(self, rest: str) -> None:
        chat = self.chat
        hidden = ", ".join(f"`{name}`" for name in sorted(self._bridge.shell.hidden)) or "nothing"
        waits = chat.last is not None and chat.last.status == "waiting"
        show(
            f"- hosted by: {'the Jupyter server' if chat.host == 'server' else 'this kernel itself'}\n"
            f"- llm: `{chat.llm or (chat.last.llm if chat.last else 'as configured')}`\n"
            f"- last turn: {'waits for you' if waits else chat.last.status if chat.last else 'none yet'}\n"
            f"- hidden: {hidden}{choosing.status(chat)}"
        )

    def _do_hide(self, rest: str) -> None:
        names = rest.replace(",", " ").split()
        unknown = [name for name in names if name not in self._bridge.shell.user_ns]
        self._bridge.shell.hidden.update(names)
        note = f" (no variable of that name yet: {', '.join(unknown)})" if unknown else ""
        shown = ", ".join(f"`{name}`" for name in names)
        show(f"Hidden from tools and llm: {shown}{note}." if names else "Name what to hide: `%chat hide df`.")

    def _do_show(self, rest: str) -> None:
        names = rest.replace(",", " ").split()
        self._bridge.shell.hidden.difference_update(names)
        show("Visible again: " + ", ".join(f"`{name}`" for name in names) + ".")

    def _do_off(self, rest: str) -> None:
        self._remove()
        show("Off: magics, message handlers and hooks are removed. `%load_ext jupyter_mlchat` brings them back.")


class Screen:
    """One output that grows: at most ten updates a second in a notebook, plain text in a terminal."""

    def __init__(self, live: bool) -> None:
        self._live = live
        self._handle: Any = None
        self._last = 0.0
        self._printed = 0

    def update(self, reply: Reply) -> None:
        if not self._live:
            sys.stdout.write(reply.text[self._printed :])
            sys.stdout.flush()
            self._printed = len(reply.text)
            return
        now = time.monotonic()
        if now - self._last >= UPDATE_S:
            self._last = now
            self._draw(reply)

    def finish(self, reply: Reply) -> None:
        if self._live:
            self._draw(reply)
            self._draw_figures(reply)
        else:
            sys.stdout.write(reply.ending(self._printed) + "\n")

    def _draw(self, reply: Reply) -> None:
        from IPython.display import display

        data = reply._repr_mimebundle_()
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def _draw_figures(self, reply: Reply) -> None:
        """Below the text, of a finished answer alone."""
        if reply.status != "completed":
            return
        from IPython.display import display

        for figure in reply.take_figures()[:MAX_FIGURES]:
            text = "A figure of this answer."
            display({"image/png": base64.b64encode(figure.png).decode(), "text/plain": text}, raw=True)


def show(markdown: str) -> None:
    from IPython.display import display

    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def values_of(fields: list[dict[str, Any]], rest: str) -> dict[str, Any]:
    """What follows `%chat fill`. A form of one text takes it as it is, unless it is written as `text="..."`."""
    if len(fields) != 1 or fields[0].get("kind") != "textarea":
        return parse_values(rest)
    name = str(fields[0]["name"])
    if rest.strip().startswith(f"{name}="):
        return parse_values(rest)
    if not rest.strip():
        raise ValueError("Give the text, as in `%chat fill It came late and broken.`.")
    return {name: rest.strip()}


def parse_values(text: str) -> dict[str, Any]:
    """`tenure=12 plan=pro "monthly fee"=9.5` to a dict: numbers, True/False/None and quoted text as in Python."""
    values: dict[str, Any] = {}
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("A quote is not closed.") from None
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ValueError(f"`{word}` is not of the form name=value, as in `%chat fill tenure=12 plan=pro`.")
        try:
            values[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            values[name] = value
    if not values:
        raise ValueError("Give values, as in `%chat fill tenure=12 plan=pro`.")
    return values


def register(ip: Any, magics: ChatMagics) -> None:
    """An existing magic of that name is never replaced."""

    # IPython expands {x} and $x in a magic's line unless told not to; a question is text and nothing else.
    def chat_line(line: str) -> None:
        magics.line(line)

    def chat_cell(line: str, cell: str) -> None:
        magics.cell(line, cell)

    for kind, function in (("line", chat_line), ("cell", chat_cell)):
        vars(function)["_ipython_magic_no_var_expand"] = True
        if "chat" not in ip.magics_manager.magics[kind]:
            ip.register_magic_function(function, kind, "chat")
            magics.registered[kind] = function
    if "line" in magics.registered:
        ip.input_transformers_cleanup.append(keep_question_marks)


def keep_question_marks(lines: list[str]) -> list[str]:
    """IPython takes a line that ends in `?` for a call for help; after `%chat` it is a question to us."""
    if lines and lines[0].startswith("%%"):
        return lines
    return [_as_call(line) if line.lstrip().startswith("%chat ") else line for line in lines]


def _as_call(line: str) -> str:
    code = line.lstrip()
    question = code.rstrip().removeprefix("%chat ")
    if not question.endswith("?"):
        return line
    return f"{line[: len(line) - len(code)]}get_ipython().run_line_magic('chat', {question!r})\n"


def unregister(ip: Any, magics: ChatMagics) -> None:
    if keep_question_marks in ip.input_transformers_cleanup:
        ip.input_transformers_cleanup.remove(keep_question_marks)
    for kind, function in magics.registered.items():
        if ip.magics_manager.magics[kind].get("chat") is function:
            del ip.magics_manager.magics[kind]["chat"]
