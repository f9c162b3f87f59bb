"""The layers, the lightness of a start, and the two rules about who may call whom."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "jupyter_mlchat"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What each room may import at module level, besides itself, the standard library and the packages below.
# `runtime` is read outside of its kernel for its wire and caps alone.
ROOMS = {
    "runtime": set(),
    "protocol": set(),
    "settings": {"protocol"},
    "observe": {"protocol"},
    "llm": {"protocol", "settings"},
    "guard": {"protocol", "settings", "llm"},
    "kernel": {"protocol", "settings", "guard", "runtime"},
    "store": {"protocol", "settings"},
    "agent": {"llm", "protocol", "settings", "runtime"},
    "chat": {"agent", "llm", "kernel", "store", "guard", "observe", "protocol", "settings", "runtime"},
    "connections": {"chat", "guard", "protocol"},
    "server": {"connections", "chat", "protocol", "settings", "guard", "observe", "kernel", "store", "runtime"},
    "frontends": {"connections", "chat", "protocol", "settings", "guard", "kernel", "store", "runtime", "llm"},
}
ROOTS = {("server", "app.py"), ("frontends", "local.py")}
"""The composition roots: they may import everything."""
PACKAGES = {
    "runtime": set(),
    "protocol": {"msgspec"},
    "settings": {"traitlets", "jupyter_core"},
    "guard": {"msgspec"},
    "observe": {"msgspec", "prometheus_client"},
    "kernel": {"msgspec", "zmq", "jupyter_client", "jupyter_core"},
    "store": {"sqlalchemy"},
    "llm": {"msgspec", "rapidfuzz"},
    "agent": {"msgspec", "smolagents"},
    "chat": {"msgspec", "sqlalchemy"},
    "connections": {"msgspec"},
    "server": {"msgspec", "tornado", "jupyter_server", "jupyter_core", "sqlalchemy", "mcp"},
    "frontends": {"msgspec", "anywidget", "traitlets"},
}
HEAVY = [
    "litellm",
    "smolagents",
    "sqlalchemy",
    "jsonschema",
    "limits",
    "numpy",
    "pandas",
    "sklearn",
    "ipywidgets",
    "anywidget",
    "rapidfuzz",
    "mcp",
    "starlette",
    "uvicorn",
    "pydantic",
]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, lazy: bool = False) -> list[str]:
    """Absolute names of what a module imports at module level (everywhere with `lazy`)."""
    tree = ast.parse(path.read_text())
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    found = []
    for node in ast.walk(tree) if lazy else _module_level(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            found += [f"{module}.{a.name}" if _is_module(f"{module}.{a.name}") else module for a in node.names]
    return found


def _module_level(tree: ast.Module) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(node)
        elif isinstance(node, (ast.If, ast.Try)) and "TYPE_CHECKING" not in ast.unparse(node):
            todo += [child for child in ast.walk(node) if isinstance(child, (ast.Import, ast.ImportFrom))]
    return found


def _is_module(name: str) -> bool:
    path = PACKAGE.parent / Path(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports(path):
        top = name.split(".")[0]
        if top == "jupyter_mlchat":
            target = ([*name.split("."), "__init__"])[1]
            if (room, path.name) in ROOTS:
                continue
            assert target == room or target in ROOMS[room], f"{name_of(path)} imports {name}"
        elif top not in sys.stdlib_module_names:
            assert top in PACKAGES[room], f"{name_of(path)} imports {name}"


def test_there_is_no_cycle() -> None:
    known = {name_of(path) for path in MODULES}
    graph = {name_of(path): {i for i in imports(path) if i in known} - {name_of(path)} for path in MODULES}
    list(graphlib.TopologicalSorter(graph).static_order())


def test_the_runtime_needs_the_standard_library_alone() -> None:
    """Also inside functions: it is shipped into kernels that have nothing of ours."""
    for path in (PACKAGE / "runtime").rglob("*.py"):
        for name in imports(path, lazy=True):
            top = name.split(".")[0]
            # IPython is the shell the runtime was put into; it is never there without it.
            allowed = top in sys.stdlib_module_names or top == "IPython"
            assert allowed or name.startswith("jupyter_mlchat.runtime"), f"{name_of(path)} imports {name}"


def test_only_one_file_each_knows_the_agent_the_providers_library_and_mcp() -> None:
    homes = {"smolagents": "agent/loop.py", "litellm": "llm/hosted.py", "mcp": "server/mcp_sessions.py"}
    for heavy, home in homes.items():
        users = [p for p in MODULES if any(i.split(".")[0] == heavy for i in imports(p, lazy=True))]
        assert [p.relative_to(PACKAGE).as_posix() for p in users] == [home]


def calls_of(path: Path, attribute: str, owners: set[str]) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == attribute:
            owner = ast.unparse(node.func.value)
            if owner.split(".")[-1].lstrip("_") in owners:
                return True
    return False


def test_only_a_turn_the_preview_of_it_and_a_glance_call_tools_in_a_kernel() -> None:
    users = [p.relative_to(PACKAGE).as_posix() for p in MODULES if calls_of(p, "call", {"port", "link"})]
    assert sorted(users) == ["chat/glances.py", "chat/preview.py", "chat/toolcalls.py"]


def test_only_the_journal_writes_events() -> None:
    users = [
        p.relative_to(PACKAGE).as_posix()
        for p in MODULES
        if any(n.endswith("store.tables") for n in imports(p)) and "events.insert" in p.read_text()
    ]
    assert users == ["chat/journal.py"]


def test_no_room_is_too_big() -> None:
    sizes = {name_of(p): len(p.read_text().splitlines()) for p in MODULES}
    assert not {name: size for name, size in sizes.items() if size > 400}


@pytest.mark.parametrize(
    "code",
    [
        "import jupyter_mlchat",
        "import jupyter_mlchat; jupyter_mlchat._jupyter_server_extension_points()",
        "from jupyter_mlchat.runtime import entry, magics, chat",
        "from IPython.core.interactiveshell import InteractiveShell as S; import jupyter_mlchat as m; "
        "m.load_ipython_extension(S.instance())",
        "import jupyter_mlchat.server.rest, jupyter_mlchat.llm.registry, jupyter_mlchat.settings",
    ],
)
def test_nothing_heavy_is_imported_before_the_first_question(code: str) -> None:
    # The server's own event schemas use jsonschema: there it is no weight of ours.
    heavy = [name for name in HEAVY if name != "jsonschema" or "server" not in code]
    check = f"import sys; {code}; print([n for n in {heavy!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", check], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr
