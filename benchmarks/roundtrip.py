"""Shell time of attaching, and the round trip of a tool call: idle, busy asleep, busy in Python."""

from __future__ import annotations

import asyncio
import time
import uuid

from jupyter_mlchat.kernel.attach import attachment

from .kernel import linked_kernel
from .table import p, show

CALLS = 200
NOOP = "from jupyter_mlchat import tool\n@tool\ndef noop() -> int:\n    'Nothing.'\n    return 0\n"
BUSY = {
    "idle": "pass",
    "busy asleep": "import time\ntime.sleep(20)",
    "busy Python loop": "import time\nend = time.time() + 20\nwhile time.time() < end:\n    sum(range(100))",
}
GOALS = {"idle": "5 ms", "busy asleep": "5 ms", "busy Python loop": "30 ms"}


async def measure() -> None:
    rows = []
    async with linked_kernel() as (link, client):
        began = time.perf_counter()
        await client.execute_interactive("pass", silent=True)
        floor = 1e3 * (time.perf_counter() - began)
        code = attachment()
        began = time.perf_counter()
        await link._execute(code)
        attach = 1e3 * (time.perf_counter() - began)
        await link.attach()
        await client.execute_interactive(NOOP)
        for name, cell in BUSY.items():
            client.execute(cell)
            await asyncio.sleep(0.5)
            times = []
            for _ in range(CALLS):
                began = time.perf_counter()
                await link.call("noop", {}, request_id=uuid.uuid4().hex, timeout_s=10)
                times.append(1e3 * (time.perf_counter() - began))
            rows.append((name, p(times, 50), p(times, 95), GOALS[name]))
            if name != "idle":
                await link._manager.interrupt_kernel()
                await asyncio.sleep(0.5)
    show(("tool round trip", "p50 ms", "p95 ms", "goal p50"), rows)
    print(f"\nattaching holds the shell for {attach:.0f} ms; an empty silent cell for {floor:.0f} ms (goal 30 ms)")


def main() -> None:
    asyncio.run(measure())
