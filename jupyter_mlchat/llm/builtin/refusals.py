"""What the engine declines, as data: a pattern over the masked sentence, and words that say why.

They are looked through in order, before any reading. `unless` lifts a refusal; `offers` names readings that
may be shown with it as choices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    name: str
    pattern: str
    text: str
    unless: str = ""
    offers: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    """Readings that say the same thing better: where one of them is clear, nothing is refused."""
    complete: bool = False
    """The text needs no word about what else can be done."""
    same_reading: bool = False
    """Offer the reading that would have been chosen, for all the data."""


_SCOPE = "I inspect, explain and check the models in this kernel, describe its data and predict"
INSTEAD = f"{_SCOPE}; `help` shows how."
OUT_OF_SCOPE = f"That is outside what I can do here: {_SCOPE}. `help` shows what I understand."

_BIGGER = r"(older|younger|more|less|greater|fewer|higher|lower|larger|smaller|bigger|longer|shorter)"
_PEOPLE = r"(people|persons|houses|homes|flats|flowers|customers|passengers|patients|clients|users|those)"
_CASES = r"(rows|cases|ones|instances|points|records)"
_NAMED = r"(MODEL|FRAME|FEAT|PAIR|UNKNOWN|OTHER)"

REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "thanks",
        r"^\W*(thanks?|thank you|thx|cheers|great|nice|cool|perfect|ok|okay|ok cool|bye)\b[^A-Z]{0,20}$",
        "You're welcome.",
        unless=r"\b(why|what|how|which|and)\b",
        complete=True,
    ),
    Refusal(
        "hello",
        r"^\W*(hello|hi|hey|good (morning|afternoon|evening)|howdy)\b[^A-Z?]{0,12}$",
        f"Hello! {_SCOPE}. Ask `help` to see how.",
        complete=True,
    ),
    Refusal(
        "identity",
        r"^\W*(who|what)( llm| model)? are you\W*$|\bare you (an? )?(human|bot|ai|llm|robot|chatgpt)\b",
        f"I am the built-in engine: I match fixed phrasings and use no language model. {_SCOPE}.",
        complete=True,
    ),
    Refusal(
        "negation",
        r"^\W*((please|pls|no|ok|hey|wait|but|so)\W+)*(don'?t|do not|never|stop|please not)\b (\w+ )?"
        r"(predict|run|list|show|touch|describe|check|save|load|score"
        r"|register|undo|execute|write|store|export|import|open|stop|cancel)",
        "Nothing was done.",
        complete=True,
    ),
    Refusal(
        "unwanted",
        r"\b(don'?t|do not|no longer|not) (need|want) (it|this|that|MODEL|FRAME)\b|\bneed (it|this|that) anymor",
        "Nothing was deleted. I delete a model only when asked in exactly these words: delete, then its name.",
        complete=True,
    ),
    Refusal(
        "nothing",
        r"^\W*(nevermind|never mind|forget it)\W*$",
        "Nothing was done.",
        complete=True,
    ),
    Refusal(
        "condition",
        rf"\b{_BIGGER} than\b|\bwhere\b(?! (is|does|do|did) (the )?MODEL)(?=.*(FEAT|PAIR|CAT|NUM|UNKNOWN))"
        rf"|(?<![-=])[<>]=?(?!-)|!=|\bbetween"
        rf" NUM and NUM\b"
        r"|\b(above|below|under|over|at least|at most|exceeding) (the )?(NUM|PCT|FEAT)\b"
        rf"|\b({_PEOPLE}|{_CASES}) (with|who|which|that|than|whose|having|under|over|aged|on)\b"
        rf"|\b{_PEOPLE} (in|from)\b"
        r"|\b(of|for|on|among|in) (the )?(men|women|males|females)\b(?!.*PAIR)",
        "I can't restrict an answer to a part of the data.",
        same_reading=True,
        yields_to=("counterfactual", "thresholds"),
    ),
    Refusal(
        "condition",
        r"(?<!picking )\b(on|for|among) (the )?(seniors|pensioners|elderly"
        r"|(older|younger|old|young) (people|customers))\b",
        "I can't restrict an answer to a part of the data.",
        same_reading=True,
        yields_to=("counterfactual", "thresholds", "fairness"),
    ),
    Refusal(
        "groups",
        r"\b(per|by|for each) FEAT|\b(grouped|group) by\b",
        "I can't restrict an answer to a part of the data.",
        same_reading=True,
        yields_to=("evaluation", "fairness", "dependence", "what if"),
    ),
    Refusal(
        "train",
        r"\b(re)?(train|fit|tune)\b|\b(optimi[sz]e|cross.?validate|calibrate|fine.?tune|cluster|optuna)\b"
        r"|\bNUM trials\b",
        "I don't train, tune or change models.",
        yields_to=("freshness", "drift", "leakage", "mistakes", "frames for a model"),
        unless=r"\b(still|running|cell|how (long|far)|progress|eta|done)\b|\b(which|what|the) cluster",
    ),
    Refusal(
        "plot",
        r"\b(plot|draw|chart|graph|histogram|scatter|visuali[sz]e|heatmap|diagram)\b",
        "I don't draw plots.",
        yields_to=("dependence",),
        offers=("frame", "importance"),
    ),
    Refusal(
        "what if",
        r"\b(what.?if|suppose|pretend|instead|doubl\w*|twice|halv\w*|half|tripl\w*|increas\w*|decreas\w*)\b"
        r"|\b(rais(e|ed|es)|lower(ed|s)?|higher|fewer|drop(s|ped)? by|goes? (up|down)|reduc\w*)\b"
        r"|\bwould\b.*\bchange\b|\bPCT (more|less)\b",
        "I need a prediction to start from, or a row: predict with all inputs first, then say what changes.",
        yields_to=(
            "what if",
            "dependence",
            "counterfactual",
            "comparison",
            "evaluation",
            "mistakes",
            "thresholds",
            "interval",
            "drift",
            "fairness",
            "leakage",
            "explanation",
            "freshness",
        ),
        offers=("prediction",),
    ),
    Refusal(
        "relation",
        r"\bcorrelat\w*|\brelated to\b|\bmove together\b|\binteract\w*",
        "I can't relate columns to each other.",
        yields_to=("dependence", "correlations"),
        offers=("frame",),
    ),
    Refusal(
        "which row",
        r"\bdata ?points?\b",
        "Which row? Name it with its position and its data frame, like: row 3 of the frame.",
        complete=True,
    ),
    Refusal(
        "change data",
        r"\b(merge|join|concat\w*|append|fill|impute|rename|convert|turn|sort|encode|one.?hot)\b"
        r"|\b(standardi[sz]e|shuffle|split|add|insert|replace|set|update|change|edit|modify|create|assign)\b"
        r"|\b(keep only|only keep|deduplicat\w*|duplicates|transpose|pivot|clean|normali[sz]e)\b",
        "I don't change data or variables.",
        yields_to=(
            "what if",
            "counterfactual",
            "drift",
            "leakage",
            "freshness",
            "form",
            "thresholds",
            "registration",
            "scores of a whole frame",
            "undo",
            "origin",
            "feature mapping",
            "permutation importance",
        ),
        unless=r"\b(filled in|(data|test|train(ing)?|validation|hold.?out) ?set|need|must)\b",
    ),
    Refusal(
        "code",
        r"FRAME ?\.\w+|\bin(to)? an? (new |extra )?(column|table|variable|file)\b|\b(install|deploy"
        r"|production|e-?mail|send|translate|unit test|write|code for|script)\b"
        r"|\b(api|restart|run (all|the) cells?|fix|debug|commit|docker)\b",
        "I don't run or write code, install or send things.",
        yields_to=("scoring function", "batch script"),
    ),
    Refusal(
        "variables",
        r"\b(variables|namespace|everything)\b(?=.*\b(list|show|defined|all|my|namespace|memory)\b)"
        r"|\b(list|show|all|my|namespace)\b.*\b(variables|namespace)\b|\bwhat'?s in (the )?(memory|my)\b",
        "I list models and data frames, not every variable.",
        unless=r"\b(MODEL|trained|models?|rank)\b",
        offers=("models", "frames"),
    ),
    Refusal(
        "knowledge",
        rf"^\W*(what|who|why|how|when|where|is|are|should|do|does|can)\b(?!.*{_NAMED})"
        r".*\b(means?|weather|invented|in general|works?|joke|poem|life|world|sky|like|buy|times|biased)\b",
        f"That is outside what I can do: {_SCOPE}.",
        complete=True,
    ),
    Refusal(
        "measure",
        r"^\W*(what|explain)('s| is| are| does| do)?( an?| the)? (auc|roc|accuracy|precision|recall|f1|rmse"
        r"|mae|r2|drift"
        r"|leakage|calibration|fairness|thresholds?|overfitting|cross.?validation)( score| curve)?( do)?\W*$",
        f"I don't explain concepts: {_SCOPE}.",
        complete=True,
    ),
    Refusal(
        "concept",
        r"\b(what|how|why)('s| is| are| do| does) an? MODEL\b",
        f"I don't explain concepts: {_SCOPE}.",
        complete=True,
    ),
)


def find_refusal(masked: str) -> Refusal | None:
    """The first that applies to the masked sentence."""
    for refusal in REFUSALS:
        if re.search(refusal.pattern, masked) and not (refusal.unless and re.search(refusal.unless, masked)):
            return refusal
    return None
