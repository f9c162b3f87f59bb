"""A long conversation to be imported: the recorded answer of the built-in engine, and one in rich text, in turns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).resolve().parent.parent / "golden" / "answer-with-tool.json"
RICH = """\
### Split {n}

The tree asks whether $x_{{{n}}} > {n}$; the share is $\\hat p = \\frac{{n_1}}{{n_0 + n_1}}$.

```python
clf.predict_proba(X.iloc[[{n}]])
```

| column | below | above |
| --- | --- | --- |
| `age` | {n} | 1{n} |
"""


def history(turns: int, notebook: str) -> dict[str, Any]:
    """The body of `POST conversations` that has so many turns: two messages each."""
    recorded = [event for event in json.loads(RECORDED.read_text()) if event.get("seq") and event["type"] != "accepted"]
    events = [event for number in range(1, turns + 1) for event in _turn(recorded, number)]
    asked = [
        {"id": f"turn-{n}", "state": "completed", "text": f"question {n}", "created": 1.7e9}
        for n in range(1, turns + 1)
    ]
    info = {"id": "long", "owner": "me", "title": "Long", "notebook": notebook, "created": 1.7e9, "updated": 1.7e9}
    return {
        "format": "jupyter_mlchat.conversation",
        "version": 1,
        "conversation": info,
        "turns": asked,
        "events": events,
    }


def _turn(recorded: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    own = []
    for event in recorded:
        changed = {**event, "turn": f"turn-{number}"}
        if "attempt" in event:
            changed["attempt"] = f"attempt-{number}"
        if "call" in event:
            changed["call"] = f"call-{number}"
        if event["type"] == "message":
            changed["text"] = f"question {number}"
        if event["type"] == "text.snapshot":
            changed |= (
                {"text": RICH.format(n=number), "marks": []} if number % 2 else {"marks": _renamed(event, number)}
            )
        own.append(changed)
    return own


def _renamed(event: dict[str, Any], number: int) -> list[dict[str, Any]]:
    return [{**mark, "call": f"call-{number}"} if mark.get("call") else mark for mark in event["marks"]]
