"""A masked sentence as the rules see it: its words without their endings, words that say the same as one."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

ABSENT = "no "
"""Before a tag that the sentence doesn't have: "no ROW"."""
SHORT = 3
"""So many words at most make a sentence "short"."""
_TOKEN = re.compile(r"[A-Z]{2,}|[^\W_]+(?:'[a-z]+)?|\.\w{2,7}|[?=%<>*]")
_ENDINGS = ("ingly", "ations", "ation", "ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "s", "e")
_MARKED = ("MODEL", "ROW", "FRAME", "FEAT", "PAIR", "NUM", "CAT", "DATAFILE", "MODELFILE")
_SILENT = frozenset(
    """a an the please pls plz kindly hi hey hello um uh hm so ok okay well oh just also then now and very really
    quite rather actually thanks thank sir dear guys of do does did be am s t re ve ll m d once perhaps maybe""".split()
)
CLASSES: dict[str, str] = {
    "WHO": """customer client person people folk user policyholder member account subscriber patient passenger guy
        gentleman lady somebody someone anyone anybody everybody everyone he she him her tenant caller case""",
    "THING": """house home flat apartment dwelling property building residence flower specimen plant iris review text
        comment message listing""",
    "SHOW": """show display give list print tell exhibit provide share present see view report gimme state name
        enumerate""",
    "ROWS": "row rows line lines record records entry entries observation observations instance example sample",
    "MEASURE": """accuracy accurate auc roc f1 precision recall rmse mae mse mape r2 logloss brier gini ks specificity
        sensitivity metric confusion silhouette calibrated calibration deviance""",
    "GOOD": "good well reliable trustworthy trust performance perform performing quality decent strong solid",
    "WRONG": """wrong mistake mistaken err error fail failing failure misclassified misclassify misclassification
        misjudge mess struggle confuse confused muddled residual misses worst badly incorrect""",
    "MATTER": """important importance matter relevant relevance influential weigh weight decisive determining
        drive driver
        driving lever crucial key significant material influence contribute count depend rely informative""",
    "INPUT": """feature column input field variable attribute predictor factor parameter trait measurement criterion
        covariate""",
    "SETTING": """hyperparameter setting config configuration parameters params param depth estimator trees tree alpha
        regularization penalty rate""",
    "WHY": "why reason explain explanation justify justification rationale because cause explian shap reasoning",
    "CHANGE": "change changed modify modification alter alteration edit differ tweak adjust",
    "RAISE": """raise raised increase increased up more bump higher grow double doubled rise add added plus
        extra augment
        upgrade longer bigger""",
    "LOWER": """lower lowered decrease decreased down less fewer reduce reduced cut halve halved drop
        minus cheaper shorter""",
    "FLIP": "flip flipped tip reverse overturn recourse counterfactual",
    "SIMILAR": """similar alike resemble resembling like lookalike twin neighbour neighbor comparable nearest closest
        kin knn analogous""",
    "SAVE": "save store keep persist dump export archive serialize pickle backup",
    "LOAD": "load open import read bring fetch reload restore unpickle ingest get",
    "CHECK": "check validate verify examine inspect test lint look control revise",
    "STOP": "stop cancel abort kill halt interrupt terminate quit break",
    "UNDO": "undo revert rollback ctrl reinstate restore back backwards annul",
    "CUTOFF": "threshold cutoff cut border operating",
    "FAIR": """fair fairness unfair bias biased discriminate discrimination discriminatory disparate equitable equity
        equally parity disadvantage prejudice partial""",
    "DRIFT": "drift drifted shift shifted psi distribution population moved",
    "STALE": "stale outdated obsolete fresh current uptodate date expired old refresh refit",
    "LEAK": "leak leakage leaks leaking cheat cheating peek peeking hidden proxy disguise",
    "SURE": "sure certain confident uncertain uncertainty interval range bound bounds margin bar bars confidence",
    "EFFECT": "effect impact affect influence relationship curve dependence partial pdp respond shape act",
    "COMPARE": "compare comparison versus vs against beat outperform superior better best winner wins win",
    "SUPPOSE": "suppose supposing imagine pretend assume say if were instead would",
    "PREDICT": "predict prediction predicted forecast estimate classify classification score scoring prognosis output",
    "CHANCE": "chance probability likelihood likely risk probable odds prob",
    "ALL": "all every each whole entire complete full everything lot batch bulk",
    "COUNT": "many number count size big large rows columns shape",
    "STATISTIC": """mean average avg median min max minimum maximum std deviation quantile quartile percentile
        distribution correlation correlated variance sum statistic stat summary profile describe overview""",
    "MISSING": "missing null nan na gap blank empty hole",
    "DATA": "data dataframe dataset table frame frames tables dataframes datasets sheet spreadsheet",
    "FILE": "file files folder directory disk pickle joblib pkl",
    "MODELS": "model models estimator classifier classifiers regressor predictor pipeline",
    "HELP": "help commands capable capabilities functions able abilities",
    "RUNNING": "running busy executing progress spinning stuck execution calculating computing finished done",
    "VERSION": "version versions memory ram cpu system health environment status kernel python packages installed",
    "CODE": "code cell snippet script function python def",
    "NOTEBOOK": "notebook outline traceback exception crash crashed defined created",
    "WRITE": "write draft propose compose code generate",
    "SEARCH": "search grid gridsearch tuning trials candidate combination cv",
    "CARD": "card documentation document onepager pager datasheet sheet factsheet",
    "REGISTER": "register registry enrol enroll catalogue registered menu",
    "EXAMPLE": "example sample dummy template typical specimen illustrative payload fake",
    "VALID": "valid invalid ok fine accept accepts acceptable allowed choke reject admissible legal plausible legit",
    "EXECUTE": "run execute exec eval fire launch",
    "NEED": "need needs require requires expect expects want wants take takes necessary",
    "NEW": "new latest recent fresh incoming",
    "SPECIES": "species kind type class category variety label",
    "PRICE": "price cost worth value valuation costs",
    "LEAVE": """leave leaving leaves churn churns lapse cancel quit quits lost terminate goes stay stays
        stayed staying lose""",
}
"""Class to the words that say nearly the same; a word may be in several."""


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, words in CLASSES.items():
        for word in words.split():
            found.setdefault(stem(word), []).append(name)
    return {word: tuple(dict.fromkeys(names)) for word, names in found.items()}


def stem(word: str) -> str:
    """Without its ending; short words stay as they are."""
    word = word.replace("'", "")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def wording(masked: str) -> frozenset[str]:
    """The marks of a masked sentence: words, classes, pairs of neighbours, tags that are absent, its shortness."""
    tokens = [token for token in _TOKEN.findall(masked) if token not in _SILENT]
    said: list[tuple[str, ...]] = []
    for token in tokens:
        if token.isupper():
            said.append((token,))
        else:
            root = stem(token)
            said.append((root, *(f"<{name}>" for name in _classes().get(root, ()))))
    marks = {mark for options in said for mark in options}
    marks |= {f"{a}+{b}" for one, other in pairwise(said) for a in one for b in other}
    marks |= {f"^{mark}" for options in said[:1] for mark in options}
    marks |= {ABSENT + tag for tag in _MARKED if tag not in marks}
    return frozenset(marks | ({"short"} if len(said) <= SHORT else set()))
