"""Readings about columns: what they become on the way into a model, and which of them go together."""

from __future__ import annotations

from .reading import Reading

_INPUTS = r"(features?|columns?|inputs?|fields?|variables?|attributes?|predictors?)"
_HOT = r"(one|NUM).?hot"
_ENCODING = rf"(the |its |it )*({_HOT}|encod(ing|er|ed|es|e)\b|preprocess|transform|expan|dumm)"
_AFTER = r"(after|behind|once|following|past|post)"
_INTO = r"(become|turns? into|turned into|mapped (in)?to|encoded (in)?to|split into)"
_ORDERED = rf"^(?!\W*((please|pls|can you|could you)\W+)*(encode|{_HOT}|transform|preprocess|convert|map))"
"""No order to encode something, which isn't ours to do."""

RELATING: tuple[Reading, ...] = (
    Reading(
        "feature mapping",
        "get_model_info",
        "what each column becomes for {model}",
        cues=(
            (rf"{_ORDERED}.*\b{_INPUTS}\b.*\b{_AFTER} {_ENCODING}", 4.4),
            (rf"{_ORDERED}.*\b{_AFTER} {_ENCODING}.*\b({_INPUTS}|names?|sees?|left)\b", 4.4),
            (rf"\b(what|which)\b.*\b(becomes? of|happen(s|ed) (to|with)) (the )?(FEAT|{_INPUTS})\b.*\b(by|in|inside"
             rf"|through|{_AFTER}) (the )?({_ENCODING}|MODEL|pipeline|model|it)", 4.4),
            (rf"\bwhat (does|do|did|is|are|will|has|have)( the)? FEAT\b.*\b{_INTO}\b", 4.4),
            (rf"\bhow (is|are|does|do|did|was|were)\b.*\b(FEAT|{_INPUTS})\b.*(\b(encoded|mapped|dummi(fied|es))\b"
             rf"|\b{_HOT})", 4.4),
            (r"\bhow (does|do|did|will) (the )?(MODEL|it|pipeline|model) (encode|map|transform|treat) (the )?FEAT\b", 4.4),
            (rf"\b(encoded|{_HOT}( encoded)?|dummy|transformed|derived|expanded|engineered) ({_INPUTS}"
             r"|(feature|column) names?)\b.*\b(of|does|do|has|have|in|inside|are|for)\b", 4.2),
            (r"\b(feature|column|input) mapping\b|\bfeature.names.out\b"
             rf"|\bmapping of (the )?{_INPUTS}", 4.4),
        ),
        needs=("model",),
        args={"detail": "feature_mapping"},
        likes={"model": 0.2, "frame": -1.5, "values": -1.0, "row": -1.5},
    ),
    Reading(
        "frames for a model",
        "list_dataframes",
        "the data that {model} can be asked of",
        cues=(
            (r"\b(which|what|any|list|show)\b.*\b(data ?frames?|data ?sets?|frames|tables|data)\b.*\b(fits?|suits?|match(es)?"
             r"|goes? with|works? (with|for)|compatible with)\b.*MODEL", 4.4),
            (r"\b(which|what) (data ?frames?|data ?sets?|frames|tables|data) (can|could) MODEL\b.*\b(take|predict|handle|be"
             r" asked|use)", 4.4),
        ),
        needs=("model",),
        likes={"model": 0.2, "frame": -1.5, "data file": -3.0, "values": -1.5, "row": -1.5},
    ),
    Reading(
        "correlations",
        "describe_dataframe",
        "what goes together in {frame}",
        cues=(
            (r"\bcorrelat\w*.*\b(FEAT|FRAME)\b|\b(FEAT|FRAME)\b.*\bcorrelat\w*", 4.2),
            (r"^\W*((show|give|tell|list|compute|calculate|get|please|pls|me|all|the|pairwise|strongest|highest)\W+)*"
             r"correlations?( matrix| table| coefficients?)?\W*(please|pls)?\W*$", 3.8),
            (rf"\bwhich {_INPUTS}( (are|is))? (most |strongly |highly )?correlat\w*", 3.8),
            (r"\bFEAT\b.*\b(related?|relation(ship)?|linked|associated)\b.*\bFEAT\b"
             r"|\b(relation(ship)?|association|link)\b.*\bFEAT (and|to|with) (the )?FEAT\b", 3.8),
            (r"\b(pearson|corr)\b.*\b(FEAT|FRAME)\b|\b(FEAT|FRAME)\b.*\b(pearson|corr)\b", 3.8),
        ),
        needs=("frame",),
        likes={"frame": 0.3, "model": -2.5, "values": -1.5, "row": -2.0},
    ),
)  # fmt: skip
