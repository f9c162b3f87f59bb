"""The quickstart, run through nbclient where no server answers: what is saved in the file."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

QUICKSTART = Path(__file__).resolve().parent.parent.parent / "examples" / "notebooks" / "quickstart.ipynb"


def test_each_chat_cell_saves_one_markdown_output_with_a_plain_twin_and_its_figure_below() -> None:
    notebook = nbformat.read(QUICKSTART, 4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "the example is committed without outputs"
    notebook.cells.insert(0, new_code_cell("%load_ext jupyter_mlchat"))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    chats = [cell for cell in notebook.cells if cell.source.startswith(("%%chat", "%chat"))]
    assert len(chats) == 6
    for cell in chats:
        output, *figures = cell.outputs
        assert output.output_type == "display_data"
        assert [sorted(figure.data) for figure in figures] == [["image/png", "text/plain"]] * len(figures)
        assert sorted(output.data) == ["text/markdown", "text/plain"]
        assert "display_id" not in str(output.get("transient", ""))
    said = [cell.outputs[0].data["text/plain"] for cell in chats]
    assert all("answered by the built-in engine" in text for text in said if "%chat fill" not in text)
    assert any(len(cell.outputs) > 1 for cell in chats), "what matters is better seen"
    assert "`pipe` of In[3]" in said[1]
    assert "1.408" in said[4]
