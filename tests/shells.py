"""IPython in the test's own process."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def new_shell() -> InteractiveShell:
    """The one shell of this process; its history is in memory, for at exit the test's folders are gone."""
    return InteractiveShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:"}}))
