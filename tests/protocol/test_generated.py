"""What is written for other languages: complete, the same every time, and as committed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from enum import Enum

import pytest
from kernels import ROOT

from jupyter_mlchat import __version__
from jupyter_mlchat.protocol import __main__ as command
from jupyter_mlchat.protocol import openapi, typescript
from jupyter_mlchat.protocol.commands import COMMANDS
from jupyter_mlchat.protocol.events import EVENTS
from jupyter_mlchat.protocol.faults import Close, Code

FILES = ("labextension-src/src/protocol.gen.ts", "docs/openapi.json", "docs/rest.md", "docs/websocket.md")


def interfaces(source: str) -> dict[str, str]:
    return dict(re.findall(r"export interface (\w+)[^{]*\{\n(.*?)^\}", source, re.S | re.M))


def test_the_committed_files_are_what_the_protocol_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_mlchat.protocol", "--check"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + "run: python -m jupyter_mlchat.protocol"


def test_check_finds_what_is_stale_and_writing_mends_it(tmp_path, capsys) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    root = ["--root", str(tmp_path)]
    assert command.main([*root, "--check"]) == 1
    assert [line.removeprefix("stale: ") for line in capsys.readouterr().err.splitlines()] == list(FILES)
    assert not (tmp_path / FILES[0]).exists()
    assert command.main(root) == 0 and command.main([*root, "--check"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"wrote {name}" for name in FILES]
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes()
    (tmp_path / FILES[1]).write_text("{}")
    assert command.main([*root, "--check"]) == 1


def test_a_place_that_is_no_checkout_is_refused(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["--root", str(tmp_path)])
    assert end.value.code == 2 and "pyproject.toml" in capsys.readouterr().err


@pytest.mark.parametrize(("kinds", "union"), [(COMMANDS, "Command"), (EVENTS, "ServerEvent")])
def test_typescript_has_every_command_and_event_with_every_field(kinds, union) -> None:
    source = typescript.source()
    found = interfaces(source)
    members = re.search(rf"export type {union} =\n(.*?);", source, re.S)
    assert members is not None
    assert re.findall(r"\| (\w+)", members[1]) == [kind.__name__ for kind in kinds.values()]
    base = found[f"{'Command' if union == 'Command' else 'Event'}Base"]
    for tag, kind in kinds.items():
        body = found[kind.__name__]
        assert f'  type: "{tag}";' in body
        for field in kind.__struct_fields__:
            assert re.search(rf"^  {field}\??: ", body + base, re.M), (tag, field)


def test_typescript_says_which_events_are_stored() -> None:
    stored = re.search(r"export const DURABLE.*?new Set\(\[\n(.*?)\]", typescript.source(), re.S)
    assert stored is not None
    assert re.findall(r'"([\w.]+)"', stored[1]) == [tag for tag, kind in EVENTS.items() if kind.durable]


@pytest.mark.parametrize("kind", [Code, Close])
def test_typescript_has_every_code(kind: type[Enum]) -> None:
    constants = re.search(rf"export const {kind.__name__} = \{{\n(.*?)\}} as const", typescript.source(), re.S)
    assert constants is not None
    pairs = re.findall(r'(\w+): "?(\w+)"?,', constants[1])
    assert pairs == [(member.name, str(member.value)) for member in kind]


def test_typescript_names_nothing_that_it_does_not_define() -> None:
    source = re.sub(r"/\*.*?\*/|//.*", "", typescript.source(), flags=re.S)
    source = re.sub(r'"[^"]*"', "", source)
    defined = set(re.findall(r"export (?:type|interface|const) (\w+)", source))
    used = set(re.findall(r"(?:[:|(] |extends |: \()([A-Z]\w+)", source))
    assert used - defined <= {"ReadonlySet"}


def test_every_reference_of_the_description_leads_somewhere() -> None:
    document = openapi.document(__version__)
    schemas = document["components"]["schemas"]
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", repr(document)))
    assert references <= set(schemas)
    identities = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(identities) == len(set(identities)) == len(openapi.OPERATIONS)


def test_a_body_asks_for_nothing_that_the_path_says() -> None:
    schemas = openapi.document(__version__)["components"]["schemas"]
    asked = schemas["TurnStartBody"]
    assert asked["required"] == ["text"] and "id" in asked["properties"]
    assert not {"type", "conversation"} & set(asked["properties"])
    form = schemas["FormSubmitBody"]["properties"]
    assert "dismiss" in form and "turn" not in form
    assert set(schemas["ToolCallBody"]["properties"]) == {"id", "args", "conversation"}
