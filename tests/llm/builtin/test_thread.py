"""Questions that lean on what was said before."""

from __future__ import annotations

import pytest
from llm.builtin.talk import KERNEL, TOOLS, Talk, model

from jupyter_mlchat.protocol.records import ToolInfo

FULL = {"tenure": 10, "monthly_fee": 50.0, "plan": "Basic", "city": "Oslo"}
PREDICT = "predict with pipe: tenure=10, monthly_fee=50.0, plan=basic, city=Oslo"


@pytest.mark.parametrize(
    ("question", "tool"),
    [
        ("what matters most to it?", "get_feature_importance"),
        ("and what does it need?", "get_model_info"),
        ("which steps does it have", "get_model_info"),
        ("predict with it", "make_prediction"),
        ("what are its parameters", "get_model_info"),
    ],
)
def test_it_is_the_model_spoken_of(question, tool):
    talk = Talk()
    talk.ask("what does ship need?")
    heard = talk.ask(question)
    assert [(name, args["model_id"]) for name, args in heard.calls] == [(tool, "ship")]
    assert "the model we spoke of" in heard.reading


def test_it_without_a_before_is_asked():
    heard = Talk().ask("what matters most to it?")
    assert not heard.calls and len(heard.offers) == 4


def test_values_choose_another_model_than_the_last():
    talk = Talk()
    talk.ask("what does pipe need?")
    heard = talk.ask("predict with a=1, b = 2")
    assert heard.calls == [("make_prediction", {"model_id": 'models["rf"]', "features": {"a": 1, "b": 2}})]
    assert "the only model that takes this" in heard.reading


def test_a_frame_chooses_another_model_than_the_last():
    talk = Talk()
    talk.ask("what does ship need?")
    heard = talk.ask("what would have to change so that row 0 of X_test comes out differently")
    assert [args["model_id"] for _, args in heard.calls] == ["pipe"]


def test_a_percentage_of_nothing_told_is_not_taken_as_a_value():
    heard = Talk().ask("what if tenure of X_test[3] were 20 % with pipe?")
    assert not heard.calls


def test_the_same_for_another_model():
    talk = Talk()
    talk.ask("what matters most to pipe?")
    heard = talk.ask("and for ship?")
    assert heard.calls == [("get_feature_importance", {"model_id": "ship"})]
    assert "the same as before" in heard.reading


def test_the_same_for_other_data():
    talk = Talk()
    talk.ask("how good is pipe on X_test?")
    heard = talk.ask("and on homes?")
    assert heard.calls == [("evaluate_model", {"model_id": "pipe", "data": "homes"})]
    talk.ask("show rows similar to X_test[3]")
    assert not talk.ask("and for ship?").calls


def test_the_same_inputs_for_a_model_that_takes_them():
    talk = Talk({**KERNEL, "models": [*KERNEL["models"], model("pipe2", "SVC", ["tenure", "plan"])]})
    talk.ask("how does tenure affect pipe?")
    assert not talk.ask("and for ship?").calls
    talk.ask("how does tenure affect pipe?")
    heard = talk.ask("and for pipe2?")
    assert heard.calls == [("get_partial_dependence", {"model_id": "pipe2", "features": ["tenure"]})]


def test_what_writes_is_not_repeated_by_a_follow_up():
    talk = Talk(tools=[*TOOLS, ToolInfo("save_model", "", {}, "write")])
    assert talk.ask("save pipe to pipe.joblib").calls
    assert not talk.ask("and for ship?").calls


def test_a_part_of_a_question_goes_on_from_the_part_before_it():
    talk = Talk()
    talk.ask("what matters most to pipe?")
    heard = talk.ask("how good is pipe on X_test? and for ship?")
    assert [name for name, _ in heard.calls] == ["evaluate_model", "evaluate_model"]
    talk.ask("predict X_test[3] with pipe")
    explained = [args for name, args in talk.ask("predict X_test[5] with pipe. why?").calls if "explain" in name]
    assert {"model_id": "pipe", "row": "X_test[3]"} not in explained


def test_permutation_on_other_data():
    talk = Talk()
    talk.ask("permutation importance of pipe")
    heard = talk.ask("on X_test?")
    assert heard.calls == [("get_feature_importance", {"model_id": "pipe", "method": "permutation", "data": "X_test"})]


def test_a_forgotten_name_is_not_used():
    talk = Talk()
    talk.ask("what does ship need?")
    talk.kernel = {**talk.kernel, "models": [card for card in talk.kernel["models"] if card["ref"] != "ship"]}
    assert not talk.ask("what matters most to it?").calls


@pytest.mark.parametrize(
    ("question", "changed"),
    [
        ("and with plan pro?", {"plan": "Pro"}),
        ("make it tenure=3, plan=pro", {"tenure": 3, "plan": "Pro"}),
        ("tenure=4", {"tenure": 4}),
        ("now with half the tenure", {"tenure": 5}),
    ],
)
def test_additions_start_from_the_last_prediction(question, changed):
    talk = Talk(tools=[tool for tool in TOOLS if tool.name != "what_if"])
    talk.ask(PREDICT, {"model_id": "pipe", "prediction": "no", "features": FULL})
    heard = talk.ask(question)
    assert heard.calls == [("make_prediction", {"model_id": "pipe", "features": {**FULL, **changed}})]
    assert "the last prediction with `pipe`" in heard.reading


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ("what if tenure were 24?", {"tenure": 24}),
        ("what if tenure were 20 % higher?", {"tenure": "+20 %"}),
        ("what if tenure is 3 lower", {"tenure": {"add": -3}}),
        ("what if we doubled monthly_fee", {"monthly_fee": "doubled"}),
        ("now with half the tenure", {"tenure": "halved"}),
        ("what if city=New York instead", {"city": "New York"}),
        ("what if tenure rose to 30", {"tenure": 30}),
        ("what if tenure=+50%", {"tenure": "+50 %"}),
    ],
)
def test_changes_are_told_before_and_after(question, changes):
    talk = Talk()
    talk.ask(PREDICT, {"model_id": "pipe", "prediction": "no", "features": FULL})
    heard = talk.ask(question)
    assert heard.calls == [("what_if", {"model_id": "pipe", "features": FULL, "changes": changes})]
    assert "the last input with `pipe`" in heard.reading


def test_why_explains_that_very_input():
    talk = Talk()
    talk.ask(PREDICT, {"model_id": "pipe", "prediction": "no", "features": FULL})
    assert talk.ask("why?").calls == [("explain_prediction", {"model_id": "pipe", "features": FULL})]
    talk = Talk()
    talk.ask("predict X_test[3] with pipe", {"model_id": "pipe", "features": FULL})
    assert talk.ask("ok why").calls == [("explain_prediction", {"model_id": "pipe", "row": "X_test[3]"})]
    assert talk.ask("and for row 5?").calls == [("explain_prediction", {"model_id": "pipe", "row": "X_test[5]"})]
    assert talk.ask("how sure is it?").calls == [("get_prediction_interval", {"model_id": "pipe", "row": "X_test[5]"})]


def test_a_change_without_a_prediction_is_asked_for():
    heard = Talk().ask("what if tenure were 20 % higher in pipe?")
    assert not heard.calls
    assert "a prediction to start from" in heard.title + heard.text


def test_a_relative_change_of_an_unknown_value_is_not_made_up():
    talk = Talk()
    talk.ask("predict with pipe: plan=basic", {"model_id": "pipe", "features": {"plan": "Basic"}})
    assert not talk.ask("what if tenure were 5 higher").calls


@pytest.mark.parametrize("arguments", ["{broken", "[1]", "null", 7])
def test_odd_history_does_no_harm(arguments):
    talk = Talk()
    call = {"id": "x", "type": "function", "function": {"name": "make_prediction", "arguments": arguments}}
    talk.messages = [
        {"role": "user", "content": [{"type": "text", "text": "what about ship"}, {"type": "image_url"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "x", "content": "(not run)"},
        {"role": "assistant", "content": "(no answer: cancelled)"},
    ]
    assert talk.ask("what does it need?").calls[0][1]["model_id"] == "ship"


def test_what_a_question_is_attached_to_is_spoken_of_unless_it_names_another():
    talk = Talk({**KERNEL, "attached": ["ship", "X_test", "gone"]})
    talk.ask("what does pipe need?")
    assert talk.ask("what matters most to it?").calls == [("get_feature_importance", {"model_id": "ship"})]
    named = talk.ask("what does house_knn need?")
    assert [args["model_id"] for _, args in named.calls] == ["house_knn"]
    both = Talk({**KERNEL, "attached": ["ship", "pipe"]})
    assert len(both.ask("what matters most to it?").offers) == 4
