"""Files made to do harm: each is told for what it is, and none is loaded."""

from __future__ import annotations

import os
import pickle
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from runtime.context import Context
from runtime.files import traps
from sklearn.linear_model import LinearRegression

Trap = Callable[[Path], bytes]


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.chdir(tmp_path)
    return Context({})


def refused(context: Context, file: Path) -> Any:
    """The verdict, after a try to load it."""
    inspected = context.run("inspect_model_file", path=str(file))
    assert inspected["ok"], inspected
    before = dict(context.user_ns)
    loaded = context.run("load_model", path=str(file), name="model")
    assert not loaded["ok"] and loaded["fault"]["code"] == "denied", loaded
    assert context.user_ns == before
    assert inspected["data"]["verdict"] == "dangerous" and inspected["warnings"]
    return inspected["data"], loaded["fault"]["message"]


@pytest.mark.parametrize("trap", traps.PICKLES)
def test_what_runs_something_is_refused_before_it_runs(context: Context, tmp_path: Path, trap: Trap) -> None:
    mark, file = tmp_path / "mark", tmp_path / "model.pkl"
    file.write_bytes(trap(mark))
    data, message = refused(context, file)
    assert data["reasons"] and data["reasons"][0] in message
    assert not mark.exists()


@pytest.mark.parametrize(("trap", "named"), [
    (traps.reduced, "posix.system"), (traps.by_inst, "os.system"), (traps.by_names_in_memo, "os.system"),
    (traps.by_getattr, "builtins.getattr"), (traps.by_dotted_name, "sklearn.base.os.system"),
    (traps.by_old_name, "commands.getoutput"),
    (traps.in_object_array, "posix.system"), (traps.after_an_array, "posix.system"),
    (traps.by_second_pickle, "posix.system"),
])  # fmt: skip
def test_the_refusal_names_what_it_would_have_imported(
    context: Context, tmp_path: Path, trap: Trap, named: str
) -> None:
    file = tmp_path / "model.joblib"
    file.write_bytes(trap(tmp_path / "mark"))
    data, message = refused(context, file)
    assert named in data["dangerous"] and named in message


@pytest.mark.parametrize("trap", [traps.reduced, traps.by_inst, traps.by_names_in_memo, traps.by_getattr])
def test_these_traps_do_snap(tmp_path: Path, trap: Trap) -> None:
    """Otherwise the tests above would prove nothing."""
    mark = tmp_path / "mark"
    pickle.loads(trap(mark))
    assert mark.exists()


@pytest.mark.parametrize("suffix", traps.COMPRESSIONS)
def test_compression_hides_nothing(context: Context, tmp_path: Path, suffix: str) -> None:
    for name, trap in (("a", traps.reduced), ("b", traps.in_object_array)):
        file = tmp_path / f"{name}.pkl{suffix}"
        file.write_bytes(traps.COMPRESSIONS[suffix](trap(tmp_path / "mark")))
        data, message = refused(context, file)
        assert data["compression"] and "posix.system" in message
    assert not (tmp_path / "mark").exists()


def test_a_zip_of_torch_hides_nothing(context: Context, tmp_path: Path) -> None:
    file = tmp_path / "net.pt"
    file.write_bytes(traps.in_torch_zip(tmp_path / "mark"))
    data, _ = refused(context, file)
    assert data["kind"] == "torch" and "posix.system" in data["dangerous"]


def test_a_zip_with_one_name_twice_is_not_followed(context: Context, tmp_path: Path) -> None:
    import io
    import warnings
    import zipfile

    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("archive/data.pkl", traps.reduced(tmp_path / "mark"))
        archive.writestr("archive/data.pkl", pickle.dumps({}))
    (tmp_path / "net.pt").write_bytes(out.getvalue())
    data, message = refused(context, tmp_path / "net.pt")
    assert not data["complete"] and "one name" in message


def test_a_file_that_is_cut_off_anywhere_is_refused_or_harmless(context: Context, tmp_path: Path) -> None:
    whole = traps.after_an_array(tmp_path / "mark")
    file = tmp_path / "cut.joblib"
    for size in [*range(2, 200, 7), len(whole) // 2, len(whole) - 20, len(whole) - 1]:
        file.write_bytes(whole[:size])
        inspected = context.run("inspect_model_file", path="cut.joblib")
        assert inspected["ok"] and inspected["data"]["verdict"] == "dangerous"
        assert not inspected["data"]["complete"]
        assert context.run("load_model", path="cut.joblib")["fault"]["code"] == "denied"


def test_bytes_changed_anywhere_never_make_it_load(context: Context, tmp_path: Path) -> None:
    """A pickle around a trap, with single bytes turned: it is refused, or what it became is no trap."""
    whole, mark = bytearray(traps.reduced(tmp_path / "mark")), tmp_path / "mark"
    rng = np.random.default_rng(0)
    for _ in range(150):
        changed = bytearray(whole)
        changed[int(rng.integers(2, len(whole)))] = int(rng.integers(0, 256))
        (tmp_path / "turned.pkl").write_bytes(changed)
        result = context.run("load_model", path="turned.pkl", name="model")
        assert result["ok"] or result["fault"]["code"] in ("denied", "unsupported"), result
        context.user_ns.pop("model", None)
        assert not mark.exists()


def test_an_array_that_lies_about_its_size_hides_nothing(context: Context, tmp_path: Path) -> None:
    """The bytes of an array are skipped: more of them than there are must not hide what comes next."""
    array = np.zeros(40, dtype=[("a", "f8"), ("b", "i4")])
    joblib.dump(array, tmp_path / "array.joblib")
    data = (tmp_path / "array.joblib").read_bytes()
    assert b"V12" in data
    for lie in (b"V92", b"V01", b"O12"):
        (tmp_path / "lie.joblib").write_bytes(data.replace(b"V12", lie))
        inspected = context.run("inspect_model_file", path="lie.joblib")["data"]
        assert inspected["verdict"] == "dangerous" and not inspected["complete"]


def test_a_bomb_is_left_before_it_fills_the_memory(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_mlchat.runtime.files import streams

    monkeypatch.setattr(streams.Reader.__init__, "__defaults__", (50_000_000, 20.0))
    packer = zlib.compressobj(9)
    bomb = [packer.compress(b"\x80\x04\x8e" + (400_000_000).to_bytes(8, "little"))]
    bomb += [packer.compress(bytes(1_000_000)) for _ in range(200)]
    (tmp_path / "bomb.pkl").write_bytes(b"".join([*bomb, packer.flush()]))
    assert (tmp_path / "bomb.pkl").stat().st_size < 400_000
    tracemalloc.start()
    began = time.monotonic()
    inspected = context.run("inspect_model_file", path="bomb.pkl")["data"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert inspected["verdict"] == "dangerous" and not inspected["complete"]
    assert peak < 20_000_000 and time.monotonic() - began < 20
    assert context.run("load_model", path="bomb.pkl")["fault"]["code"] == "denied"


def test_what_is_no_file_is_not_waited_for(context: Context, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pkl")
    (tmp_path / "folder.pkl").mkdir()
    os.symlink(tmp_path / "nowhere", tmp_path / "broken.pkl")
    os.symlink("/dev/zero", tmp_path / "zero.pkl")
    began = time.monotonic()
    for name in ("pipe.pkl", "folder.pkl", "broken.pkl", "zero.pkl"):
        for tool in ("inspect_model_file", "load_model", "validate_dataset_file"):
            fault = context.run(tool, path=name)["fault"]
            assert fault["code"] in ("invalid_input", "not_found"), (tool, name, fault)
            assert str(tmp_path) not in str(fault)
    assert context.data("list_model_files")["files"] == []
    assert time.monotonic() - began < 10


def test_names_of_files_can_t_write_what_we_say(context: Context, tmp_path: Path) -> None:
    nasty = "evil\n# big `title` ![x](y) \u202e.pkl"
    (tmp_path / nasty).write_bytes(pickle.dumps(LinearRegression()))
    raw = os.fsdecode(b"bad\xff.pkl")
    (tmp_path / raw).write_bytes(pickle.dumps(LinearRegression()))
    files = [one["file"] for one in context.data("list_model_files")["files"]]
    assert len(files) == 2
    for text in [*files, str(context.run("inspect_model_file", path=nasty)["evidence"])]:
        assert "\n" not in text and "\u202e" not in text and "\udcff" not in text
    assert all("`" not in name for name in files)


def test_folders_in_a_ring_end(context: Context, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    os.symlink(tmp_path / "a", tmp_path / "a" / "b" / "again")
    joblib.dump(LinearRegression(), tmp_path / "a" / "b" / "m.joblib")
    for skipped in (".hidden", "venv", "node_modules"):
        (tmp_path / skipped).mkdir()
        joblib.dump(LinearRegression(), tmp_path / skipped / "m.joblib")
    assert [one["file"] for one in context.data("list_model_files")["files"]] == ["a/b/m.joblib"]


def test_only_what_was_seen_can_be_imported_while_loading(tmp_path: Path) -> None:
    """The file is another one by the time it is loaded."""
    from jupyter_mlchat.runtime.files import inspection, loading
    from jupyter_mlchat.runtime.toolbox import ToolError

    for name, dump in (("m.pkl", pickle.dump), ("m.joblib", joblib.dump)):
        file = tmp_path / name
        with file.open("wb") as out:
            dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), out)
        told = inspection.inspect_file(str(file), {})
        file.write_bytes(traps.reduced(tmp_path / "mark"))
        with pytest.raises(ToolError):
            loading.load(told)
        assert not (tmp_path / "mark").exists()
