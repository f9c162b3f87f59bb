"""Readings about one prediction: why it is so, what would change it, and what the model needs for one."""

from __future__ import annotations

from .reading import Reading

_GIVEN = {"values": 1.1, "many": 0.5, "complete": 0.8, "model": 0.4, "row": 1.2, "before": 0.3}
"""An input and a model speak as much for these as for a prediction: the cue decides between them."""

_SHIFT = (
    r"(doubl\w*|twice|halv\w*|half|tripl\w*|increas\w*|decreas\w*|rais(e|ed|es)|lower(ed|s)?|higher|fewer|reduc\w*"
    r"|goes? (up|down)|went (up|down)|rose|fell|cut|added|zeroed)"
)

EXPLAINING: tuple[Reading, ...] = (
    Reading(
        "explanation",
        "explain_prediction",
        "why {model} says that",
        cues=(
            (r"\bwhy\b|\bhow come\b|\b(for|by) (what|which) reasons?\b", 3.4),
            (r"\b(explain\w*|explian|justify|justification|reasons?|rationale)\b", 2.9),
            (r"\bwhat\b.*\b(made|pushed|pulled|drove|tipped|moved|swayed|led|induced|brought)\b", 2.9),
            (r"\b(which|what) (tokens?|words?|factors?|fields?|drivers?)\b", 1.9),
            (r"\b(top.?NUM|top|NUM) (reasons?|drivers)\b|\bbreak ?down\b|\baudit trail\b", 2.9),
            (r"\bcontribut\w+|\bshap\b|\bdecision of\b|\bhow did it come to\b", 2.9),
        ),
        needs=("model", "one"),
        likes={**_GIVEN, "no one": -1.0, "frame": -0.2},
        tolerance=0.5,
    ),
    Reading(
        "what if",
        "what_if",
        "a change of an input of {model}",
        cues=(
            (r"\bwhat.?if\b|\bwhat happens (if|when|to)\b|\bwhat would (happen|be)\b.*\bif\b", 3.3),
            (r"\b(suppos(e|ing)|pretend|imagine|assum(e|ing)|in case)\b", 3.0),
            (r"\bif\b.*\b(were|was|would|had|becomes?|gets?|takes?|lower|raise|FEAT|PAIR)\b", 2.5),
            (rf"\b{_SHIFT}\b", 2.8),
            (r"\b(PCT|NUM) (\w+ )?(more|less|higher|lower|fewer|off|up|down|extra)\b", 2.7),
            (r"\binstead\b|\bswap\b|\bbefore and after\b|\bplus NUM\b|\bminus NUM\b|FEAT ?\* ?NUM", 2.8),
            (r"ROW\W* (but|except|only)\b|ROW.*\bput (the )?(FEAT|PAIR)", 2.8),
            (r"\buplift\b|\beffect\b", 0.9),
        ),
        needs=("model", "base"),
        likes={**_GIVEN, "change": 0.4, "no change": -1.6},
        tolerance=0.5,
    ),
    Reading(
        "dependence",
        "get_partial_dependence",
        "how inputs act on {model}",
        cues=(
            (r"\bpartial.?dependen\w+|\bpdps?\b|\bice\b", 3.2),
            (r"\b(effect|impact|influence|action) (of|from) (the )?FEAT", 3.2),
            (r"\bhow (does|do|is|are|did)\b.*FEAT.*\b(acts?|affects?|effects?|influences?|changes?|shapes?"
             r"|drives?)\b", 3.4),
            (r"FEAT\b.*\b(effects?|influence|affects?)\b.*\bon\b", 2.8),
            (r"\bas (a )?function of (the )?FEAT|^(?!\W*(plot|draw|scatter)\b).*\b(vs|versus|against) FEAT"
             r"|\bFEAT (curve|curv)\b|\bcurve\b", 2.6),
            (r"\b(prediction|output|score|probability|MODEL)s?\b.*\b(depends?|varies|vary|changes?) (on|with|by) (the )?FEAT"
             r"|\bhow (the )?FEAT (acts?|affects?|influences?|changes?|drives?|shapes?|moves?)\b", 3.6),
            (r"\b(monoton\w*|linear)\b", 2.1),
            (r"\b(longer|more|higher|bigger|larger|greater|each|every)( \w+)? FEAT\b.*\b(up|down|less|more"
             r"|brings?|lower|higher|make)\b", 2.3),
            (r"\b(depends?|varies|vary|modulated|dependency|dependence)\b.*\b(on|with|by|of)?\b", 2.0),
            (r"\bceteris paribus\b|\bheld constant\b|\bmarginal effect\b|\baveraged out\b", 2.6),
        ),
        needs=("model", "columns"),
        likes={"feature": 0.3, "no feature": -2.5, "row": -1.5, "values": -1.0, "frame": -0.8},
        tolerance=0.5,
    ),
    Reading(
        "form",
        "suggest_inputs",
        "a form for the inputs of {model}",
        cues=((r"\bforms?\b", 3.0), (r"\b(show|give|open|have)\b.*\b(empty )?form\b", 3.2)),
        needs=("model",),
        args={"ask": True},
        likes={"frame": -1.5, "row": -1.0},
    ),
    Reading(
        "example input",
        "suggest_inputs",
        "an example input for {model}",
        cues=(
            (r"\b(example|sample|dummy|illustrative|typical|fake)( \w+)? (inputs?|row|record|payload|request"
             r"|entry)\b", 3.2),
            (r"\btemplate\b|\bpayload\b", 2.8),
            (r"\bsuggest\b.*\b(inputs?|values)\b|\bwhat (should|do|can) i (type|enter|put in|fill in)\b", 2.8),
            (r"\bwhat (should|can|must|do) i (enter|type in|put in|fill in)\b.*(MODEL|\b(it|model)\b)", 3.8),
            (r"\bwhat to (type|enter|put)\b", 2.4),
        ),
        needs=("model",),
        likes={"model": 0.3, "frame": -1.5, "row": -1.5, "values": -1.0},
    ),
    Reading(
        "counterfactual",
        "find_counterfactual",
        "what would have to change for {model}",
        cues=(
            (r"\bwhat\b.*\b(have|has|need|needs|necessary|must|should|would)\b.*\b(to )?(change|modify|be"
             r" changed|happen)\b", 3.4),
            (r"\bwhat\b.*\bchange\b.*\b(so|for|to)\b", 3.4),
            (r"\b(flips?|flipped|flip)\b|\bcounterfactuals?\b|\brecourse\b|\bgoal seek\b", 3.2),
            (r"\b(smallest|minimum|minimal|least|fewest) (\w+ )?(changes?|modifications?|set)\b", 3.3),
            (r"\bwhat (gets?|would get|brings?|keeps?|could we do|do we need|would it take)\b", 3.0),
            (r"\bhow (can|could|do) (we|i)\b.*\b(keep|make|turn|bring|get)\b", 2.9),
            (r"\bhow (can|could|do|would|does)\b.*\b(ROW|it)\b.*\b(become|turn|turned)\b", 3.8),
            (r"\b(to|which|what) lever\b|\blever\b|\bso (that )?\w+ stays?\b", 3.0),
        ),
        needs=("model", "one", "wanted"),
        likes={**_GIVEN, "no one": -1.2},
        tolerance=0.5,
    ),
    Reading(
        "similar rows",
        "find_similar_examples",
        "rows like one, shown as they are, for {model}",
        cues=(
            (r"^\W*(please )?(show|find|list|give|get)( me)?( the| some)?( NUM)?( most)? (rows?|records?"
             r"|examples?|cases|customers|houses|homes|flowers|people)?"
             r"( (in|of|from) (the )?FRAME)?( most)? ?(similar to|like|alike to|closest to|nearest to"
             r"|resembling) (the )?(ROW|PAIR)( (in|for|of|by|with|from) (the )?(MODEL|FRAME))*( please)?\W*$", 4.0),
            (r"\b(similar|alike|resembl\w*|twins?|look ?alikes?|neighbou?rs|comparables?|nearest|closest|knn)\b", 2.8),
            (r"\b(had|seen|have|any)\b.*\b(anyone|cases?|customers?|people|one) (like|similar)\b", 2.2),
        ),
        needs=("model", "one"),
        likes={**_GIVEN, "no one": -0.8},
        exact=True,
    ),
)  # fmt: skip
