"""Where a setting comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from jupyter_mlchat.llm.keys import keys_in, passed_in
from jupyter_mlchat.settings import MLChat, read_env_file


def test_an_explicit_setting_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("# comment\nexport LLM_DEFAULT_MODEL='ollama/a'\nAI_MAX_TOKENS=7\nCHAT_RATE_LIMIT=5\nbroken\n")
    environment = {"LLM_DEFAULT_MODEL": "openai/b", "AI_MAX_TOKENS": ""}
    settings = MLChat(env_file=str(file), environment=environment)
    assert settings.llm == "openai/b"
    assert settings.max_tokens == 7
    assert settings.rate_limit == 5
    explicit = MLChat(config=Config({"MLChat": {"llm": "builtin"}}), environment=environment)
    assert explicit.llm == "builtin"


def test_the_documented_defaults() -> None:
    settings = MLChat(environment={})
    assert (settings.max_tokens, settings.temperature, settings.llm_timeout) == (4096, 0.1, 30)
    assert (settings.websocket_timeout, settings.websocket_ping_interval) == (30, 30)
    assert (settings.websocket_max_connections, settings.context_window) == (100, 50)
    assert (settings.max_history, settings.rate_limit, settings.memory_enabled) == (1000, 60, True)
    assert settings.attach == "start"


def test_llm_timeout_has_two_names_and_memory_many_words() -> None:
    assert MLChat(environment={"AI_TIMEOUT": "9"}).llm_timeout == 9
    assert MLChat(environment={"AI_TIMEOUT": "9", "LLM_TIMEOUT_SECONDS": "4"}).llm_timeout == 4
    assert not MLChat(environment={"MEMORY_ENABLED": "false"}).memory_enabled


def test_a_file_in_the_working_directory_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-evil\nLLM_BASE_URL=http://evil.example\n")
    monkeypatch.chdir(tmp_path)
    settings = MLChat(environment={})
    assert keys_in(settings) == {}
    assert settings.llm_base_url == ""
    assert read_env_file(tmp_path / "missing") == {}


def test_keys_are_found_by_provider() -> None:
    found = keys_in(MLChat(environment={"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": " "}))
    assert found == {"anthropic": "a"}


def test_what_every_provider_needs_comes_from_the_environment_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("GROQ_API_KEY=g\nMISTRAL_API_KEY=file\nAZURE_API_VERSION=v1\nAWS_ACCESS_KEY_ID=id\n")
    environment = {"MISTRAL_API_KEY": "environment", "AZURE_API_BASE": "https://a.example"}
    settings = MLChat(env_file=str(file), environment=environment)
    assert keys_in(settings) == {"groq": "g", "mistral": "environment"}
    passed = passed_in(settings)
    assert passed["azure"] == {"api_base": "https://a.example", "api_version": "v1"}
    assert passed["bedrock"] == {"aws_access_key_id": "id"}
    assert "groq" not in passed


@pytest.mark.parametrize(("locks", "locked"), [(False, False), (True, True), (["llm"], True), (["attach"], False)])
def test_locks(locks: object, locked: bool) -> None:
    assert MLChat(lock_settings=locks).locked("llm") is locked
