"""Placeholders of prompts: what is one, what is refused, and that nothing rendered is read again."""

from __future__ import annotations

from datetime import date

import pytest

from jupyter_mlchat.agent.placeholders import MAX_TEXT, MAX_VALUE, MEANINGS, check_template, facts_of, render
from jupyter_mlchat.agent.shipped import SHIPPED
from jupyter_mlchat.protocol.faults import Code, Fault
from jupyter_mlchat.protocol.records import Context

TODAY = date(2026, 1, 31)
CATALOGUE = {
    "models": [
        {"ref": "pipe", "estimator": "Ridge", "class_name": "Pipeline"},
        {"ref": 'models["{date}"]', "class_name": "SVC"},
    ],
    "frames": [{"ref": "df", "class_name": "DataFrame", "columns": ["salary"], "shape": [3, 1]}],
}
TRICKS = [
    "{x.__class__}",
    "{models.__class__.__mro__}",
    "{models[0]}",
    "{models!r}",
    "{models:>1000000000}",
    "{date:%Y}",
    "{0}",
    "{}",
    "{ models }",
    "{Models}",
    "{kernel.user_ns}",
    "{{ models }}",
    "{{config.__class__.__init__.__globals__['os'].popen('id').read()}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "{# comment #}",
    "${models}",
    "${jndi:ldap://host/x}",
    "#{7*7}${7*7}",
    "{{{models}}}",
    "{models",
    "{mod\nels}",
    "{frames}{nothing}",
    "{self._database}",
    "{1, 2}",
]
PLAIN = [
    "%s and %(models)s and %n",
    "<%= 7*7 %> $models $(id) `id`",
    'Answer like {"a": 1, "b": {"c": 2}}.',
    "{'a': 1}",
    "A } alone, and \\{date} no: see below",
    "__import__('os').system('id')",
    "f'string' .format(models)",
    "[[models]] @models <models>",
]


@pytest.mark.parametrize("text", TRICKS)
def test_what_is_in_braces_and_no_placeholder_is_refused_at_save(text: str) -> None:
    with pytest.raises(Fault) as caught:
        check_template(f"Be kind. {text}")
    assert caught.value.code is Code.INVALID_INPUT
    assert "{models}" in caught.value.record.hint
    assert len(caught.value.record.message) < 120


@pytest.mark.parametrize("text", PLAIN)
def test_other_syntaxes_are_plain_text(text: str) -> None:
    facts = facts_of(Context(), CATALOGUE, TODAY)
    assert render(check_template(text), facts) == text.replace("{date}", "2026-01-31")


def test_a_close_name_is_offered() -> None:
    with pytest.raises(Fault, match="is no placeholder") as caught:
        check_template("Use {model}.")
    assert "Did you mean {models}?" in caught.value.record.hint


@pytest.mark.parametrize("text", ["", "  \n", "x" * (MAX_TEXT + 1), "a\x00b", "a\x1b[31mb", "a\u202eb"])
def test_a_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        check_template(text)


def test_every_placeholder_becomes_its_fact() -> None:
    context = Context(notebook="/home/me/secret/work.ipynb")
    said = render(" | ".join(f"{{{name}}}" for name in MEANINGS), facts_of(context, CATALOGUE, TODAY))
    assert said == "pipe (Ridge), 1 under other names | df (DataFrame) | work.ipynb | can be looked into | 2026-01-31"


def test_what_was_rendered_is_not_rendered_again() -> None:
    context = Context(notebook="{date}.ipynb")
    assert render("{notebook} {date}", facts_of(context, CATALOGUE, TODAY)) == "{date}.ipynb 2026-01-31"
    facts = dict.fromkeys(MEANINGS, "{kernel} \\1 \\g<0> %s")
    assert render("{models}", facts) == "{kernel} \\1 \\g<0> %s"


def test_without_a_kernel_nothing_is_claimed() -> None:
    for catalogue in (None, {"models": [], "frames": [], "fault": object()}):
        facts = facts_of(Context(), catalogue, TODAY)
        assert (facts["models"], facts["kernel"]) == ("unknown", "can't be looked into")
    assert facts_of(Context(), {"models": [], "frames": []}, TODAY)["models"] == "none"


def test_a_fact_is_one_line_and_short() -> None:
    models = [{"ref": f'm["a\nb{n}"]', "class_name": "SVC"} for n in range(1_000)]
    fact = facts_of(Context(), {"models": models, "frames": []}, TODAY)["models"]
    assert "\n" not in fact
    assert len(fact) <= MAX_VALUE + 4


def test_values_of_columns_are_in_no_fact() -> None:
    assert "salary" not in str(facts_of(Context(), CATALOGUE, TODAY))


def test_the_shipped_prompts_could_be_saved_as_they_are() -> None:
    assert [one.name for one in SHIPPED] == ["analyst", "teacher", "terse"]
    for one in SHIPPED:
        assert check_template(one.text) == one.text
        assert one.shipped
        assert one.description.endswith(".")
