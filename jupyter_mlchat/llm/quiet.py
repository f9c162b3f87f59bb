"""Libraries below us log requests and answers whole at DEBUG, headers and all. Of our calls they say no details."""

from __future__ import annotations

import logging

THREAD = "mlchat-llm"
"""Where our calls run, and what the names of threads that help there begin with."""
OF_LITELLM = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
BELOW = ("openai", "anthropic", "httpx", "httpcore", "aiohttp", "urllib3", "botocore", "boto3", "google")
_BEFORE_THEIR_IMPORT = (
    "openai._base_client",
    "botocore.auth",
    "botocore.endpoint",
    "botocore.hooks",
    "botocore.parsers",
)


class _NotOurs(logging.Filter):
    """Lets through what others log, and of ours what is more than detail."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(THREAD) or record.levelno >= logging.WARNING


_NOT_OURS = _NotOurs()


def hush() -> None:
    """To be called before each request: loggers come to be as libraries are used. Those of other threads stay."""
    for name in OF_LITELLM:
        logging.getLogger(name).setLevel(logging.WARNING)
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in BELOW]
    for name in {*BELOW, *_BEFORE_THEIR_IMPORT, *known}:
        # A filter is heard by its own logger alone, and counted once.
        logging.getLogger(name).addFilter(_NOT_OURS)
