"""The documents name what there is."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from shells import new_shell

from jupyter_mlchat import __version__
from jupyter_mlchat.llm.providers import PROVIDERS
from jupyter_mlchat.runtime.magics import HELP, ChatMagics
from jupyter_mlchat.runtime.registered import STATE_KEY
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.settings import MLChat

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
DOCS = ROOT / "docs"


def test_every_setting_and_its_variable_is_in_the_readme() -> None:
    for name, trait in MLChat.class_traits(config=True).items():
        assert f"`{name}`" in README, name
        _, bracket, variables = trait.help.rpartition("[")
        for variable in variables.rstrip("]").split(", then ") if bracket else []:
            assert f"`{variable}`" in README, variable


def test_every_provider_and_its_variables_are_in_its_page() -> None:
    page = (DOCS / "providers.md").read_text()
    for name, provider in PROVIDERS.items():
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{name}`")]
        for variable in (provider.key, provider.base, *provider.further):
            assert not variable or f"`{variable}`" in row, variable
    titles = [provider.title for provider in PROVIDERS.values()]
    assert len(titles) == len(set(titles)), "two ways to the same company are told apart"


def test_every_tool_is_in_the_changelog_and_has_an_example() -> None:
    for tool in Toolbox(MODULES).all():
        assert f"`{tool.name}`" in CHANGELOG, tool.name
        assert tool.example, tool.name
        assert tool.description.endswith("."), tool.name


def test_every_word_of_the_line_magic_is_in_its_help() -> None:
    words = {name.removeprefix("_do_") for name in vars(ChatMagics) if name.startswith("_do_")}
    assert not {word for word in words - {"help"} if f"%chat {word}" not in HELP}


def test_there_is_one_version() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_the_page_of_tools_is_what_the_tools_say() -> None:
    reference: dict[str, Any] = runpy.run_path(str(DOCS / "reference.py"))
    written = (DOCS / "tools.md").read_text()
    assert written == reference["page"](), "run `python docs/reference.py`"
    for tool in Toolbox(MODULES).all():
        assert written.count(f"### {tool.name}\n") == 1, tool.name
        for name in tool.parameters["properties"]:
            assert f"| `{name}` |" in written


def test_the_check_of_the_page_is_red_when_it_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference: dict[str, Any] = runpy.run_path(str(DOCS / "reference.py"))
    main = reference["main"]
    main.__globals__["PAGE"] = tmp_path / "tools.md"
    monkeypatch.setattr("sys.argv", ["reference.py", "--check"])
    assert main() == 1
    monkeypatch.setattr("sys.argv", ["reference.py"])
    assert main() == 0
    monkeypatch.setattr("sys.argv", ["reference.py", "--check"])
    assert main() == 0
    with main.__globals__["PAGE"].open("a") as page:
        page.write("more")
    assert main() == 1


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (ROOT / "README.md", *DOCS.glob("*.md")):
        text = document.read_text()
        for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", text):
            target = document.parent / path if path else document
            assert target.exists(), (document.name, path)
            if anchor:
                titles = re.findall(r"^#+ (.+)$", target.read_text(), re.M)
                anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
                assert anchor in anchors, (document.name, anchor)


def test_the_tests_that_the_audit_names_are_there() -> None:
    named = re.findall(r"`(tests/[^`:]+)(?:::(\w+))?`", (DOCS / "security.md").read_text())
    assert len(named) > 15
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or re.search(rf"(def|class) {test}\b", (ROOT / path).read_text()), test


def test_the_code_about_own_models_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "bring-your-own-model.md").read_text(), re.S)
    shell = new_shell()
    try:
        for block in blocks:
            shell.run_cell(block).raise_error()
        bridge = vars(shell)["_mlchat_runtime"].bridge
        facts = bridge.state[STATE_KEY]["rule"]
        assert facts.columns == ("tenure", "fee") and facts.threshold == 0.4 and facts.thread_safe
        made = bridge.toolbox.get("cost_of")
        assert made.run(12) == {"cost": 120.0} and made.parameters["required"] == ["tenure"]
        names = type("Net", (), {"columns": ["a", "b"]})()
        assert shell.user_ns["NetAdapter"]().inputs(names).names == ("a", "b")
    finally:
        runtime = vars(shell).get("_mlchat_runtime")
        if runtime is not None:
            runtime.remove()
        InteractiveShell.clear_instance()
