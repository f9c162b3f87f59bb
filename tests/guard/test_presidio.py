"""Presidio is used where it is installed and wanted, and loaded with the first text."""

from __future__ import annotations

import subprocess
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from jupyter_mlchat.guard import presidio
from jupyter_mlchat.guard.personal import redact

CHECK = """
import sys
from jupyter_mlchat.guard.presidio import both, words_of
assert words_of(True) is both and "presidio_analyzer" not in sys.modules and "spacy" not in sys.modules
FOUND = {
    "write to jane@example.org": "write to [email]",
    "the wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa here": "the wallet [crypto] here",
    "NHS 943 476 5919": "NHS [uk_nhs]",
    "call 212-555-1234 now": "call [phone] now",
    "4111 1111 1111 1111": "[card]",
}
assert {text: both(text) for text in FOUND} == FOUND
STAYS = ["mean 41.7 of 400 rows on 2024-01-31", "`pipe` of In[3]", "RandomForestClassifier", "float64", "monthly_fee",
         "sklearn.pipeline.Pipeline", "987654", "one of basic, pro and enterprise", ""]
assert [both(text) for text in STAYS] == STAYS
"""


def test_where_it_is_not_there_or_not_wanted_the_patterns_are_used() -> None:
    assert presidio.words_of(False) is redact
    assert presidio.words_of(True) is (redact if find_spec("presidio_analyzer") is None else presidio.both)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_with_the_real_one_its_patterns_are_found_too(tmp_path: Path) -> None:
    """In an environment of its own: it brings a lot along. Without a language model, which is no package."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "presidio-analyzer", "msgspec"], check=True, capture_output=True
    )
    here = str(Path(presidio.__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {here!r})\n{CHECK}"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
