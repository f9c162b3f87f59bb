"""What libraries below us log of our calls, and of those of others."""

from __future__ import annotations

import logging
import threading

import pytest

from jupyter_mlchat.llm.quiet import OF_LITELLM, THREAD, hush
from jupyter_mlchat.llm.trouble import Place, trouble_of

KEY = "sk-proj-Vq7dNw3KzR9tXb5LmYc2HfJ8PgS4"


@pytest.mark.parametrize("name", [THREAD, f"{THREAD}_0"])
def test_details_of_our_calls_are_not_logged_and_those_of_others_are(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger(f"httpcore.of_this_test.{name}")
    logger.setLevel(logging.DEBUG)
    hush()
    hush()

    def speak() -> None:
        who = threading.current_thread().name
        logger.debug("%s sends its key", who)
        logger.warning("%s has trouble", who)

    ours = threading.Thread(target=speak, name=name)
    ours.start()
    ours.join()
    speak()
    others = threading.current_thread().name
    assert caplog.messages == [f"{name} has trouble", f"{others} sends its key", f"{others} has trouble"]
    assert len(logger.filters) == 1
    assert {logging.getLogger(name).level for name in OF_LITELLM} == {logging.WARNING}


@pytest.mark.parametrize("said", [KEY, KEY[:14], KEY[10:22], f"key={KEY[4:18]}!", KEY.upper()])
def test_what_a_provider_says_is_told_without_any_piece_of_the_key(said: str) -> None:
    class BadRequestError(Exception):
        status_code = 400

    error = BadRequestError(f'{{"error": {{"message": "the value {said} is not allowed here"}}}}')
    told = trouble_of(error, Place("openai/one", "http://127.0.0.1/v1", KEY), began=False).fault.record.message
    assert "is not allowed here" in told
    assert not [start for start in range(len(KEY) - 6) if KEY[start : start + 6].lower() in told.lower()]
