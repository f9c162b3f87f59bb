"""The text that stands for a panel where no kernel runs."""

from __future__ import annotations

import pytest

from jupyter_mlchat.frontends import twin
from jupyter_mlchat.runtime.reply import Reply, ToolCallView


def asked(question: str, text: str, status: str = "completed") -> Reply:
    call = ToolCallView("describe_dataframe", {}, True, {"rows": [["Ada", 36]]})
    return Reply(question=question, text=text, status=status, tool_calls=[call])


def test_questions_and_answers_and_no_results_of_tools() -> None:
    history = [asked("who?\nand why?", "**Somebody**"), asked("and now?", "", "cancelled")]
    markdown, plain = twin.markdown(history, ["clf"]), twin.plain(history, ["clf"])
    assert "> who?\n> and why?\n\n**Somebody**" in markdown
    assert "*(stopped)*" in markdown and "(stopped)" in plain
    assert "`clf`" in markdown
    assert "Ada" not in markdown + plain


@pytest.mark.parametrize(
    "text",
    [
        "![a](https://evil.example/?rows)",
        "\\![a](https://evil.example/?rows)",
        "![a][ref]\n\n[ref]: https://evil.example/",
        "<img src=https://evil.example>",
        "\\<img src=https://evil.example>",
        "\\\\<img src=https://evil.example>",
        "```\n```\n<IMG src=https://evil.example>",
        "<!-- --><style>*{background:url(https://evil.example)}</style>",
    ],
)
def test_nothing_in_it_is_an_image_or_html(text: str) -> None:
    from mistune import create_markdown

    html = create_markdown(escape=False)(twin.markdown([asked(text, text)], []))
    assert isinstance(html, str)
    for tag in ("<img", "<style", "<!--"):
        assert tag not in html.lower()


def test_a_long_conversation_is_cut() -> None:
    history = [asked(f"question {n}", "x" * 3_000) for n in range(30)]
    markdown = twin.markdown(history, [])
    assert "10 earlier questions" in markdown
    assert len(markdown) < twin.MAX_CHARS + 100
