"""What the engine declines, as data: a pattern over the masked sentence, and words that say why and what else.

Looked through in order, before any reading. `unless` lifts a refusal; `offers` names readings that may be shown with
it as choices.
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
    same_reading: bool = False
    """Offer the reading that would have been chosen, for all the data."""


_SCOPE = "I inspect the models and data in this kernel and predict with them"
_COMPARE = r"(older|younger|more|less|greater|fewer|higher|lower|larger|smaller|bigger|longer|shorter)"
_PEOPLE = r"(people|persons|customers|passengers|patients|clients|users|rows|cases|those|ones|instances|points|records)"
_QUALITY = (
    r"\b(accura(te|cy)|precision|recall|f1|rmse|mae|mse|r2|r squared|auc|roc|log ?loss|confusion (matrix|table)|"
    r"false (positives?|negatives?)|tp|fp|evaluate|evaluation|performance|performs?|quality|"
    r"(how|any) good|correctly|incorrectly|wrongly|trust|mistakes?|errors?|misclassif\w+|learn(ed|t)? anything|mix(es)? up)\b"
)

REFUSALS: tuple[Refusal, ...] = (
    Refusal("thanks", r"^\W*(thanks?|thank you|thx|cheers|great|nice|cool|perfect|ok|okay|ok cool|bye)\b[^A-Z]{0,20}$",
            "You're welcome."),
    Refusal("hello", r"^\W*(hello|hi|hey|good (morning|afternoon|evening)|howdy)\b[^A-Z?]{0,12}$",
            f"Hello! {_SCOPE}. Ask `help` to see how."),
    Refusal("negation", r"\b(don'?t|do not|never|stop|please not)\b (\w+ )?(delete|remove|drop|predict|run|list|show|touch|del|erase)",
            "Nothing was done."),
    Refusal("nothing", r"^\W*(stop|cancel|undo\b.*|nevermind|never mind)\W*$",
            "Nothing is running here for me to stop or undo."),
    Refusal("condition",
            rf"\b{_COMPARE} than\b|\b(where|grouped by|group by)\b|(?<![-=])[<>]=?(?!-)|!=|\bbetween NUM and NUM\b"
            r"|\b(above|below|under|over|at least|at most|exceeding) (the )?(NUM|PCT|FEAT)\b"
            rf"|\b{_PEOPLE} (with|who|that|than|whose|having|under|over|aged)\b"
            r"|\b(people|customers|passengers|patients|clients|users|those) (in|from)\b"
            r"|\b(per|by|for each) FEAT|\b(of|for|on|among|in) (the )?(men|women|males|females)\b",
            "I can't restrict an answer to a part of the data.",
            same_reading=True),
    Refusal("train", r"\b(re)?(train|fit|tune)\b(?! ?ed)|\b(optimi[sz]e|cross.?validate|calibrate|fine.?tune|cluster)\b",
            "I don't train, tune or change models.", unless=r"\b(still|running|cell|how (long|far)|progress|eta|done)\b"),
    Refusal("plot", r"\b(plot|draw|chart|graph|histogram|scatter|visuali[sz]e|heatmap|diagram)\b",
            "I don't draw plots.", offers=("frame", "importance")),
    Refusal("quality", _QUALITY, "I can't measure how good a model is.", offers=("summary", "importance")),
    Refusal("compare", r"\b(compar(e|ison|ed)|versus|vs|side by side|beats?|better|wins?)\b|MODEL (or|against) MODEL",
            "I can't compare models.", offers=("models",)),
    Refusal("what if", r"\b(what.?if|suppose|pretend|instead|doubl\w*|twice|halv\w*|half|tripl\w*|increas\w*|decreas\w*|"
            r"rais(e|ed|es)|lower(ed|s)?|higher|fewer|drop(s|ped)? by|goes? (up|down)|reduc\w*)\b|\bwould\b.*\bchange\b|\bPCT (more|less)\b",
            "I need a prediction to start from: predict with all inputs first, then say what changes.",
            offers=("prediction",)),
    Refusal("explain", r"\b(why|explain\w*|reasons?|how come|break ?down|justify|pushed|drove|rationale|reasoning|logic)\b",
            "I can't explain a single prediction or a concept; I can show what matters to a model overall.",
            unless=r"\bglobal", offers=("importance", "signature")),
    Refusal("relation", r"\bcorrelat\w*|\brelated to\b|\bmove together\b|\binteract\w*",
            "I can't relate columns to each other.", offers=("frame",)),
    Refusal("rows", r"\b(head|tail|preview)\b|\b(first|last|top|show|see|few|some|print) (me )?(the )?((first|last|few|some|NUM|top) )*(rows|lines|records|entries)\b|\bfirst (NUM|few) of FRAME",
            "I don't show rows of your data; I can describe its columns.", offers=("frame",)),
    Refusal("which row", r"\bdata ?points?\b",
            "Which row? Name it with its position and its data frame, like: row 3 of the frame."),
    Refusal("change data", r"\b(merge|join|concat\w*|append|fill|impute|rename|convert|turn|sort|encode|one.?hot|normali[sz]e|"
            r"standardi[sz]e|shuffle|split|add|insert|replace|set|update|change|edit|modify|create|keep only|only keep|assign|"
            r"deduplicat\w*|duplicates|transpose|pivot|clean)\b",
            "I don't change data or variables.",
            unless=r"\b(filled in|data ?set|need|must)\b|\bwould\b.*\bchange\b"),
    Refusal("files", r"\b(save|store|export|load|import|open|write|download|dump|pickle|backup|copy)\b.*(MODEL|FRAME|\bto\b|\bfrom\b|\bdisk\b|\.\w{2,8}\b)"
            r"|\.(joblib|pkl|pickle|skops|onnx|csv|parquet)\b",
            "I don't read or write files.", unless=r"\b(uploads?|loaded|stored)\b"),
    Refusal("code", r"\b(install|deploy|production|email|e-?mail|send|translate|unit test|write|code for|script|function that|api|"
            r"restart|run (all|the) cells?|fix|debug|commit|docker)\b",
            "I don't run or write code, install or send things."),
    Refusal("variables", r"\b(variables|namespace|everything)\b(?=.*\b(list|show|defined|all|my|namespace|memory)\b)|"
            r"\b(list|show|all|my|namespace)\b.*\b(variables|namespace)\b|\bwhat'?s in (the )?(memory|my)\b",
            "I list models and data frames, not every variable.", unless=r"\b(MODEL|trained|models?|rank)\b",
            offers=("models", "frames")),
    Refusal("knowledge", r"^\W*(what|who|why|how|when|where|is|are|should|do|does|can)\b(?!.*(MODEL|FRAME|FEAT|PAIR|UNKNOWN|OTHER))"
            r".*\b(mean|means|weather|invented|in general|work|works|joke|poem|life|world|sky|like|buy|times|biased)\b",
            f"That is outside what I can do: {_SCOPE}."),
)  # fmt: skip

OUT_OF_SCOPE = (
    f"That is outside what I can do here: {_SCOPE}; I don't train, plot or change data. `help` shows what I understand."
)


def find_refusal(masked: str) -> Refusal | None:
    """The first that applies to the masked sentence."""
    for refusal in REFUSALS:
        if re.search(refusal.pattern, masked) and not (refusal.unless and re.search(refusal.unless, masked)):
            return refusal
    return None
