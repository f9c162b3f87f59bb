"""The documents name what there is."""

from __future__ import annotations

from pathlib import Path

from jupyter_mlchat import __version__
from jupyter_mlchat.runtime.magics import HELP, ChatMagics
from jupyter_mlchat.runtime.toolbox import Toolbox
from jupyter_mlchat.runtime.tools import MODULES
from jupyter_mlchat.settings import KEY_VARIABLES, MLChat

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_every_setting_and_its_variable_is_in_the_readme() -> None:
    for name, trait in MLChat.class_traits(config=True).items():
        assert f"`{name}`" in README, name
        _, bracket, variables = trait.help.rpartition("[")
        for variable in variables.rstrip("]").split(", then ") if bracket else []:
            assert f"`{variable}`" in README, variable
    for variable in KEY_VARIABLES.values():
        assert variable in README


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
