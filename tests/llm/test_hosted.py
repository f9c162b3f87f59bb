"""Through real litellm and real HTTP."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from provider import Provider, breaks, calls, ends_silently, fails, garbled, says, slow, stalls

from jupyter_mlchat.llm.base import (
    LlmRequest,
    RetryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    UsagePart,
)
from jupyter_mlchat.llm.hosted import HostedLlm
from jupyter_mlchat.protocol.faults import Code
from jupyter_mlchat.protocol.records import ToolInfo, Usage

# litellm's own affair: it reads a pydantic attribute that goes away some day.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

Make = Callable[..., HostedLlm]
Heard = Callable[..., Any]
NAME = "openai/gpt-4.1-mini"
SECRETS = ("sk-scripted", "0123456789abcdef", "hunter2", "token=")
TOOL = ToolInfo("list_models", "Models.", {"type": "object", "properties": {"n": {"type": "integer"}}}, "read")


def text(parts: list[Any]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


class TestAnswers:
    def test_words_come_as_they_are_sent_and_usage_last(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(says("two ", "models", usage=(21, 3)))
        parts, fault = heard(make())
        assert fault is None
        assert parts == [TextPart("two "), TextPart("models"), UsagePart(Usage(NAME, 21, 3, None))]

    def test_the_request_is_the_one_we_meant(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(says("ok"), says("ok"))
        messages = [
            {"role": "system", "content": "rules"},
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "list_models", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "[]"},
        ]
        heard(make(), LlmRequest(messages, [TOOL]))
        heard(make(), LlmRequest(messages, [TOOL], tool_choice="none", catalogue={"secret": 1}))
        first, second = provider.bodies
        assert first["messages"] == messages
        assert first["model"] == "gpt-4.1-mini"
        assert (first["temperature"], first["max_tokens"], first["stream"]) == (0.1, 100, True)
        assert first["stream_options"] == {"include_usage": True}
        assert first["tool_choice"] == "auto"
        function = first["tools"][0]["function"]
        assert (function["name"], function["parameters"]) == ("list_models", TOOL.parameters)
        assert second["tool_choice"] == "none"
        assert set(first) == set(second)
        assert not {"stop", "catalogue", "_skip_mcp_handler"} & set(first)
        assert provider.requests[0].headers["authorization"].startswith("Bearer sk-scripted")

    def test_tool_calls_come_in_pieces(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(calls(("f", {"x": 1}), ("g", '{"y": '), ids=("a", "b"), text="let me see"))
        parts, fault = heard(make(), LlmRequest([{"role": "user", "content": "hi"}], [TOOL]))
        assert fault is None
        assert text(parts) == "let me see"
        pieces = [part for part in parts if isinstance(part, ToolCallPart)]
        assert {(p.index, p.id, p.name) for p in pieces if p.id} == {(0, "a", "f"), (1, "b", "g")}
        assert "".join(p.arguments for p in pieces if p.index == 0) == '{"x": 1}'
        assert "".join(p.arguments for p in pieces if p.index == 1) == '{"y": '

    def test_reasoning_is_thinking(self, provider: Provider, make: Make, heard: Heard) -> None:
        answer = says("42")
        delta = {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}, "finish_reason": None}]}
        provider.enqueue(type(answer)([delta, *answer.pieces]))
        parts, _ = heard(make())
        assert parts[:2] == [ThinkingPart("hm"), TextPart("42")]

    def test_what_it_costs_is_known_or_none(self, provider: Provider, make: Make, heard: Heard) -> None:
        llm = make(api_base=None)
        assert llm.cost(1000, 1000) == pytest.approx(0.0004 + 0.0016)
        assert make("openai/no-such-llm", api_base=None).cost(1, 1) is None
        assert make("ollama_chat/x").cost(1, 1) == 0.0

    def test_ollama(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(says("from ", "ollama"))
        parts, fault = heard(make("ollama_chat/llama3.2", api_base=provider.root, api_key=None))
        assert (text(parts), fault) == ("from ollama", None)
        assert parts[-1] == UsagePart(Usage("ollama_chat/llama3.2", 11, 7, 0.0))
        assert provider.bodies[0]["options"]["num_ctx"] == 16_384

    def test_a_server_of_ones_own_needs_no_key(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(says("ok"))
        _, fault = heard(make("openai/qwen", api_key=None))
        assert fault is None


FAULTS: list[tuple[str, Any, Code, str, str]] = [
    (
        "bad key",
        fails(401, "Incorrect API key provided: sk-scripted-01***mnop.", code="invalid_api_key"),
        Code.LLM_BAD_KEY,
        "{host} rejected the API key.",
        "Set a valid OPENAI_API_KEY in the environment or settings of the server.",
    ),
    (
        "forbidden",
        fails(403, "no access to sk-scripted-0123456789abcdef"),
        Code.LLM_NOT_ALLOWED,
        "Your key may not use openai/gpt-4.1-mini at {host}.",
        "Ask for access to it there, or choose another llm.",
    ),
    (
        "no such llm",
        fails(404, "The model does not exist", code="model_not_found"),
        Code.LLM_UNKNOWN,
        "There is no 'gpt-4.1-mini' at {host}.",
        "Check the name.",
    ),
    (
        "too long",
        fails(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"),
        Code.LLM_CONTEXT_TOO_LONG,
        "The conversation is too long for openai/gpt-4.1-mini.",
        "Begin a new conversation (`%chat new`), or choose an llm with a larger context.",
    ),
    (
        "refused",
        fails(400, "Unsupported value: see http://x/?token=hunter2 (sk-scripted-0123456789abcdefghijklmnop)"),
        Code.LLM_REFUSED,
        "{host} refused the request: unsupported value: see.",
        "Choose another llm.",
    ),
    (
        "no money",
        fails(429, "You exceeded your current quota.", code="insufficient_quota"),
        Code.LLM_QUOTA,
        "The quota of your account at {host} is used up.",
        "Check the plan and billing of your account at {host}, or choose another llm.",
    ),
    (
        "too many requests",
        fails(429, "slow down", headers={"retry-after": "99"}),
        Code.LLM_RATE_LIMITED,
        "{host} is getting too many requests.",
        "Try again in 99 s.",
    ),
    (
        "gave up waiting",
        fails(408, "too slow"),
        Code.LLM_TIMEOUT,
        "{host} gave up waiting.",
        "Try again.",
    ),
    (
        "no credit",
        fails(400, "Your credit balance is too low to access the API."),
        Code.LLM_QUOTA,
        "The quota of your account at {host} is used up.",
        "Check the plan and billing of your account at {host}, or choose another llm.",
    ),
    (
        "down",
        fails(500, "boom at /srv/app.py"),
        Code.LLM_UNAVAILABLE,
        "{host} answered with error 500.",
        "Try again in a moment.",
    ),
    (
        "overloaded",
        fails(503, "boom"),
        Code.LLM_UNAVAILABLE,
        "{host} answered with error 503.",
        "Try again in a moment.",
    ),
    (
        "malformed before a word",
        garbled(),
        Code.LLM_UNAVAILABLE,
        "{host} gave no answer that can be used.",
        "Try again in a moment.",
    ),
    (
        "broken before a word",
        breaks(),
        Code.LLM_UNAVAILABLE,
        "{host} gave no answer that can be used.",
        "Try again in a moment.",
    ),
    (
        "broken after some",
        breaks("half"),
        Code.LLM_CUT,
        "The answer of openai/gpt-4.1-mini was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    (
        "ended after some, cleanly",
        ends_silently("half"),
        Code.LLM_CUT,
        "The answer of openai/gpt-4.1-mini was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    (
        "malformed after some",
        garbled("half"),
        Code.LLM_CUT,
        "The answer of openai/gpt-4.1-mini was cut: it broke off.",
        "The text so far is kept. Ask again.",
    ),
    (
        "the limit of tokens",
        says("half", finish="length"),
        Code.LLM_CUT,
        "The answer of openai/gpt-4.1-mini was cut at the limit of 100 tokens.",
        "The text so far is kept. Ask for less, or raise AI_MAX_TOKENS.",
    ),
    (
        "content filter",
        says("half", finish="content_filter"),
        Code.LLM_REFUSED,
        "{host} stopped the answer with its content filter.",
        "Ask in other words, or choose another llm.",
    ),
]


class TestFaults:
    @pytest.mark.parametrize(("answer", "code", "message", "hint"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
    def test_a_person_reads_what_to_do(
        self,
        provider: Provider,
        make: Make,
        heard: Heard,
        answer: Any,
        code: Code,
        message: str,
        hint: str,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        provider.enqueue(answer)
        parts, fault = heard(make(retries=0))
        host = provider.root.removeprefix("http://")
        assert (fault.code, fault.message, fault.hint) == (
            code,
            message.format(host=host),
            hint.format(host=host),
        )
        assert text(parts) in ("", "half")
        assert not [secret for secret in SECRETS if secret in repr(fault)]
        assert capfd.readouterr() == ("", "")

    def test_silence_in_the_middle(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(stalls("half"))
        parts, fault = heard(make(timeout_s=0.3))
        assert text(parts) == "half"
        assert (fault.code, fault.message) == (
            Code.LLM_CUT,
            "The answer of openai/gpt-4.1-mini was cut: it sent nothing more for 0.3 s.",
        )
        assert provider.hung_up.wait(20)

    def test_silence_before_the_first_word(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(slow(says("late"), 60))
        parts, fault = heard(make(first_chunk_timeout_s=0.3))
        assert parts == []
        assert (fault.code, fault.message) == (
            Code.LLM_TIMEOUT,
            "openai/gpt-4.1-mini did not begin to answer within 0.3 s.",
        )
        assert provider.hung_up.wait(20)

    def test_nobody_there(self, make: Make, heard: Heard) -> None:
        _, fault = heard(make(api_base="http://127.0.0.1:9/v1?token=hunter2"))
        assert (fault.code, fault.message) == (Code.LLM_UNREACHABLE, "Can't reach 127.0.0.1:9.")
        assert fault.hint == "Is the server running? Check LLM_BASE_URL."
        _, fault = heard(make("ollama_chat/x", api_base="http://127.0.0.1:9", api_key=None))
        assert (fault.code, fault.message) == (Code.LLM_UNREACHABLE, "Can't reach 127.0.0.1:9.")
        assert fault.hint.startswith("Is Ollama running? Start it with `ollama serve`")

    def test_ollama_without_that_llm(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(fails(404, "model 'llama9' not found"))
        _, fault = heard(make("ollama_chat/llama9", api_base=provider.root, api_key=None))
        assert (fault.code, fault.message) == (Code.LLM_UNKNOWN, "There is no 'llama9' at Ollama.")
        assert fault.hint == "Run `ollama pull llama9`, or check the name."

    @pytest.mark.parametrize(
        ("name", "variable"),
        [
            ("openai/gpt-4.1-mini", "OPENAI_API_KEY"),
            ("anthropic/claude-sonnet-4-6", "ANTHROPIC_API_KEY"),
            ("groq/llama-3.3-70b-versatile", "GROQ_API_KEY"),
        ],
    )
    def test_no_key_names_its_variable(
        self, make: Make, heard: Heard, monkeypatch: pytest.MonkeyPatch, name: str, variable: str
    ) -> None:
        monkeypatch.delenv(variable, raising=False)
        _, fault = heard(make(name, api_key=None, api_base=None))
        assert (fault.code, fault.about) == (Code.LLM_NO_KEY, variable)
        assert variable in fault.hint

    def test_without_litellm(self, make: Make, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
        real = builtins.__import__

        def missing(name: str, *rest: Any) -> Any:
            if name == "litellm":
                raise ModuleNotFoundError("No module named 'litellm'", name="litellm")
            return real(name, *rest)

        monkeypatch.setattr(builtins, "__import__", missing)
        _, fault = heard(make())
        assert fault.code == Code.LLM_EXTRA_MISSING
        assert fault.message == f"{NAME} needs litellm, which is not installed where the assistant runs."
        assert 'pip install "jupyter-mlchat[llms]"' in fault.hint


class TestTryingAgain:
    def test_after_what_the_provider_asked_for(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(fails(429, "slow down", headers={"retry-after": "0.2"}), says("ok"))
        began = time.monotonic()
        parts, fault = heard(make())
        host = provider.root.removeprefix("http://")
        assert (text(parts), fault) == ("ok", None)
        assert parts[0] == RetryPart(1, f"{host} is getting too many requests. Trying again in 0.2 s.")
        assert time.monotonic() - began >= 0.2

    def test_no_more_often_than_allowed(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(fails(500, "1"), fails(500, "2"), says("never"))
        parts, fault = heard(make(retries=1))
        assert [part.number for part in parts] == [1]
        assert fault.code == Code.LLM_UNAVAILABLE
        assert len(provider.requests) == 2

    @pytest.mark.parametrize("answer", [fails(401, "x"), fails(400, "x"), fails(404, "x"), breaks("half")])
    def test_not_where_it_can_not_help(self, provider: Provider, make: Make, heard: Heard, answer: Any) -> None:
        provider.enqueue(answer, says("never"))
        parts, fault = heard(make())
        assert fault is not None
        assert len(provider.requests) == 1
        assert not [part for part in parts if isinstance(part, RetryPart)]

    def test_a_long_wait_is_the_persons_to_decide(self, provider: Provider, make: Make, heard: Heard) -> None:
        provider.enqueue(fails(429, "slow down", headers={"retry-after": "3600"}), says("never"))
        parts, fault = heard(make())
        assert (parts, fault.hint) == ([], "Try again in 3600 s.")

    def test_a_local_llm_may_take_its_time_and_says_so(
        self, provider: Provider, make: Make, heard: Heard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jupyter_mlchat.llm.hosted.LOADING_S", 0.1)
        provider.enqueue(slow(says("ready"), 1.5))
        parts, fault = heard(make("ollama_chat/big", api_base=provider.root, timeout_s=1.0))
        assert fault is None
        assert parts[0] == RetryPart(0, "ollama_chat/big is loading.")
        assert text(parts) == "ready"


class TestQuiet:
    """In a fresh process: what importing litellm through us does to it."""

    def python(self, code: str, cwd: Path) -> str:
        root = Path(__file__).resolve().parents[2]
        paths = f"{root}{os.pathsep}{root / 'tests'}"
        # The guard of the network stays on: only 127.0.0.1 may be connected to.
        guard = (
            "import socket; real = socket.socket.connect\n"
            "def connect(s, a):\n"
            "    assert s.family == socket.AF_UNIX or str(a[0]).startswith('127.'), a\n"
            "    return real(s, a)\n"
            "socket.socket.connect = connect\n"
        )
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LITELLM")}
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", guard + code],
            cwd=cwd,
            env={**clean, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    def test_the_registry_brings_in_nothing_heavy(self, tmp_path: Path) -> None:
        heavy = ["litellm", "smolagents", "openai", "httpx", "jsonschema", "jupyter_mlchat.llm.builtin"]
        code = f"import sys, jupyter_mlchat.llm.registry\nprint([m for m in {heavy} if m in sys.modules])"
        assert self.python(code, tmp_path) == "[]\n"

    def test_no_dotenv_no_network_no_print_and_nothing_left_for_kernels(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("OPENAI_BASE_URL=http://127.0.0.1:1/evil\nFROM_DOTENV=1\n")
        code = (
            "import os\n"
            "before = dict(os.environ)\n"
            "from provider import running, says, fails\n"
            "from jupyter_mlchat.llm.hosted import HostedLlm\n"
            "from jupyter_mlchat.llm.base import CancelToken, LlmRequest\n"
            "from jupyter_mlchat.protocol.faults import Fault\n"
            "with running() as provider:\n"
            "    provider.enqueue(says('quiet'), fails(500, 'loud'))\n"
            "    llm = HostedLlm('openai/x', api_key='k', api_base=provider.url, temperature=0,\n"
            "                    max_tokens=9, timeout_s=9, first_chunk_timeout_s=60, retries=0)\n"
            "    asked = LlmRequest([{'role': 'user', 'content': 'hi'}])\n"
            "    said = ''.join(getattr(p, 'text', '') for p in llm.stream(asked, CancelToken()))\n"
            "    try: list(llm.stream(asked, CancelToken()))\n"
            "    except Fault as fault: said += ' ' + fault.code.value\n"
            "added = {k for k in os.environ if os.environ[k] != before.get(k)}\n"
            "os.write(1, f'{said} {sorted(added)}'.encode())\n"
        )
        assert self.python(code, tmp_path) == "quiet llm_unavailable []"
