"""Approved code in a kernel that hosts the chat itself: it runs in the waiting cell and approves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from kernels import IMPORTED

pytestmark = pytest.mark.timeout(240)

ASK = """
from jupyter_mlchat import Chat
from jupyter_mlchat.runtime.reply import Reply
waits = Chat().ask("delete rf")
chat = Chat()
chat.new()
inner = (
    "again = waits.approve()\\n"
    "print(again.fault['code'])\\n"
    "print(Chat().ask('delete pipe').fault['code'])\\n"
    "made = 1"
)
command = dict(type="tool.call", tool="run_code", args=dict(code=inner), conversation=chat.conversation_id)
reply = Reply(status="active")
for _ in chat.follow(command, reply):
    pass
print(waits.status, reply.status)
reply.approve()
print(reply.status, reply.tool_calls[-1].data["output"], reply.tool_calls[-1].data["created"], "rf" in globals())
again = Reply(turn_id=waits.turn_id, approval=waits.approval, status="waiting")
again._go_on = chat._continue(again)
print(again.approve().status, "rf" in globals())
"""


@pytest.fixture(params=IMPORTED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def extension() -> bool:
    return False


async def test_it_approves_nothing_and_the_person_still_can(notebook: Any) -> None:
    await notebook.run("%load_ext jupyter_mlchat")
    done = await notebook.run(ASK)
    assert done["streams"].splitlines() == [
        "waiting waiting",
        "completed ['forbidden', 'forbidden'] ['again', 'made'] True",
        "completed False",
    ], done["streams"]
