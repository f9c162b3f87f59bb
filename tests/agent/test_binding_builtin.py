"""What the built-in engine words comes of results: nothing in its answers is without a source."""

from __future__ import annotations

import msgspec
from llm.builtin.test_real_models import Notebook
from llm.builtin.test_real_models import notebook as notebook

from jupyter_mlchat.agent.binding import Binder, unverified
from jupyter_mlchat.protocol.events import Event, Message, ToolCalled, ToolReturned
from jupyter_mlchat.protocol.records import ToolResult
from jupyter_mlchat.runtime.calls import run_tool
from jupyter_mlchat.runtime.catalog import catalogue

QUESTIONS = [
    "which models do I have?",
    "which dataframes are there?",
    "what does pipe need?",
    "describe people",
    "predict with pipe: tenure = 12, monthly_fee = 80, plan = Pro",
    "why?",
    "what if tenure = 40?",
    "what matters most to pipe?",
    "what matters most to the forest?",
    "how good is pipe on people?",
    "which rows does pipe get wrong?",
    "has the data drifted for pipe?",
    "show 3 rows of people",
    "how does the prediction of pipe depend on tenure?",
    "is anything leaking into pipe?",
    "how fresh is pipe?",
    "what is the status?",
    "what runs now?",
    "help",
]


def test_every_number_it_says_is_bound(notebook: Notebook) -> None:
    binder = Binder()
    binder.know(dict(catalogue(notebook.context)))
    loose: dict[str, list[str]] = {}
    said = 0
    for question in QUESTIONS:
        events: list[Event] = [Message(text=question)]
        notebook.messages.append({"role": "user", "content": question})
        heard = notebook.hear()
        notebook.messages.pop()
        for call, (name, args) in zip(heard.ids, heard.calls, strict=True):
            result = msgspec.convert(run_tool(notebook.toolbox.get(name), args, notebook.context), ToolResult)
            events += [ToolCalled(call=call, tool=name, args=args), ToolReturned(call=call, tool=name, result=result)]
        binder.hear(events)
        _, text = notebook.ask(question)
        binder.begin()
        binder.read(text, final=True)
        said += len(binder.marks)
        if missing := unverified(text, binder.marks):
            loose[f"{question} -> {text}"] = missing
    assert loose == {}
    assert said > 60
