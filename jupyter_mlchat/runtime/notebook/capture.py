"""What code shows while it runs: its prints and displays, kept from the notebook. Main thread only."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_KEPT = 20_000
"""Characters of all that was shown; the rest is counted and dropped."""
MAX_LINES = 200
MAX_LINE = 400


class Shown:
    """Text in the order it was shown. `displays` counts figures and tables among it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self.dropped = 0
        self.displays = 0
        self.stderr_lines = 0
        self.thread = threading.get_ident()
        self.over = False

    @property
    def listens(self) -> bool:
        """Whether what is written now, in this thread, is the code's own."""
        return not self.over and threading.get_ident() == self.thread

    def add(self, text: str) -> None:
        kept = text[: max(0, MAX_KEPT - self._size)]
        self._parts.append(kept)
        self._size += len(kept)
        self.dropped += len(text) - len(kept)

    def display(self, data: dict[str, Any]) -> None:
        self.displays += 1
        kinds = [kind for kind in data if kind != "text/plain"]
        text = data.get("text/plain")
        self.add(f"{text if isinstance(text, str) else ', '.join(kinds)}\n")

    def lines(self) -> list[str]:
        lines = "".join(self._parts).splitlines()
        return [line[:MAX_LINE] for line in lines[:MAX_LINES]]

    @property
    def count(self) -> int:
        return len("".join(self._parts).splitlines())


class _Stream(io.TextIOBase):
    """Takes what this thread writes; other threads go on writing to where they did."""

    def __init__(self, real: Any, shown: Shown, *, errors: bool) -> None:
        self._real, self._shown, self._errors = real, shown, errors

    def write(self, text: str) -> int:
        if not self._shown.listens:
            return int(self._real.write(text) or 0)
        self._shown.add(text)
        if self._errors:
            self._shown.stderr_lines += text.count("\n")
        return len(text)

    def flush(self) -> None:
        if not self._shown.listens:
            self._real.flush()

    def writable(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def captured(ip: Any | None) -> Iterator[Shown]:
    """Streams and IPython's displays go into `Shown` meanwhile, and afterwards where they went before."""
    shown = Shown()
    before = sys.stdout, sys.stderr
    publisher = getattr(ip, "display_pub", None)
    sys.stdout = _Stream(before[0], shown, errors=False)
    sys.stderr = _Stream(before[1], shown, errors=True)
    if ip is not None and publisher is not None:
        ip.display_pub = _publisher(publisher, shown)
    try:
        yield shown
    finally:
        shown.over = True
        sys.stdout, sys.stderr = before
        if ip is not None and publisher is not None:
            ip.display_pub = publisher


def _publisher(real: Any, shown: Shown) -> Any:
    from IPython.core.displaypub import DisplayPublisher

    class Publisher(DisplayPublisher):
        """What other threads display goes where it went."""

        def publish(self, data: dict[str, Any], *args: Any, **more: Any) -> None:
            if shown.listens:
                shown.display(data)
            else:
                real.publish(data, *args, **more)

        def clear_output(self, wait: bool = False) -> None:
            if not shown.listens:
                real.clear_output(wait)

    made: Any = Publisher
    return made(shell=real.shell)
