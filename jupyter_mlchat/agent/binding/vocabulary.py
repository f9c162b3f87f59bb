"""The words that numbers are written in, and those that say what a number is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
COUNTS: Mapping[str, int] = MappingProxyType(
    {
        **{word: number for number, word in enumerate(ONES)},
        **{word: 10 * number for number, word in enumerate(TENS, 2)},
        "dozen": 12,
        "hundred": 100,
    }
)
NOT_COUNTS = frozenset({"one", "hundred", "zero"})
"""Words that are mostly something else: "the one", "a hundred reasons", "zero in on"."""
ORDINALS: Mapping[str, int] = MappingProxyType(
    {
        word: number
        for number, word in enumerate("fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 4)
    }
)
TIMES: Mapping[str, float] = MappingProxyType(
    {"twice": 2, "thrice": 3, "double": 2, "doubled": 2, "doubles": 2, "triple": 3, "tripled": 3, "triples": 3}
)
FRACTIONS: Mapping[str, float] = MappingProxyType(
    {
        "half": 1 / 2, "a third": 1 / 3, "one third": 1 / 3, "two thirds": 2 / 3, "a quarter": 1 / 4,
        "one quarter": 1 / 4, "three quarters": 3 / 4,
    }
)  # fmt: skip
SCALES: Mapping[str, float] = MappingProxyType(
    {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "kb": 1e3, "mb": 1e6, "gb": 1e9}
)

NUMBERED = frozenset(
    "step option example section table figure note point part question case chapter phase appendix line python version"
    " seed http".split()
)
"""What is numbered by whoever tells it: "step 2" is no claim about a kernel."""
_SAME = (
    "row record sample observation case instance n example entry prediction_count fila zeile ligne",
    "column feature input variable predictor field spalte merkmal columna",
    "accuracy right correct correctly accurate genauigkeit exactitud exactitude",
    "wrong error mistake misclassified misclassify incorrect incorrectly",
    "probability p confidence confident chance likelihood likely sure certain percent_sure wahrscheinlichkeit",
    "mean average averages avg mittelwert moyenne media",
    "std deviation sd spread",
    "minimum min low lower lowest smallest least",
    "maximum max high upper highest largest greatest most",
    "null missing nan empty na absent",
    "unique distinct different",
    "importance important matter weight",
    "contribution contribute push shift add effect",
    "threshold cutoff cut",
    "delta change difference differ gap moves move",
    "dataframe frame table dataset",
    "baseline always guessing commonest naive",
    "class label category level",
    "precision präzision",
    "recall sensitivity",
    "count number total",
    "value values worth",
    "before was previously originally",
    "after becomes become would now",
    "millisecond ms time latency",
    "byte size kb mb",
    "prediction predict predicted predicts estimate forecast",
    "base start starting intercept",
    "disagree disagreement",
    "percentile quantile",
    "median p50",
)
SAME: Mapping[str, str] = MappingProxyType({word: line.split()[0] for line in _SAME for word in line.split()})
ROLES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("feature", "column", "name", "columns"), "feature"),
        **dict.fromkeys(("model", "model_id", "id", "other", "best"), "model"),
        **dict.fromkeys(("prediction", "truth", "about", "of", "class", "outcome", "positive", "value"), "class"),
    }
)
"""Keys under which things of one sort are named: a sentence that names one of a sort speaks of no other."""
ATTRIBUTES = frozenset(
    "estimator task status model_type type dtype source library version created_at role method scale loss metric kind "
    "message text note reason hint level always unit".split()
)
"""Keys whose texts describe a thing and do not name it."""
_EMPTY = frozenset(
    "the a an of in on with for and is are at by it its this that be as or than has have had i you your we was were "
    "so but if then there here what which who whose can will would could should not no yes any each every only also "
    "very just".split()
)
GENERIC = frozenset("model data id name type kind value count column dataframe label metric feature row".split())
"""Words that stand with everything: they tell no number from another, unless it counts them."""
_WORD = re.compile(r"[^\W_]+")
_RANK = re.compile(r"(\d+)(?:st|nd|rd|th)\Z")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(text: str) -> Iterator[str]:
    """The words of a text or of a name, in the form in which they are compared."""
    for word in _WORD.findall(text):
        for part in _CAMEL.split(word) if not word.isupper() else (word,):
            told = _RANK.sub(r"\1", _stem(part.lower()))
            if told not in _EMPTY:
                yield SAME.get(told, told)


def _stem(word: str) -> str:
    if word in SAME:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us")):
        return word[:-1]
    return word


def _cues(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


APPROXIMATE = _cues("about around roughly approximately approx circa some ca ungefähr etwa rund environ unos")
AT_LEAST = _cues("over above more exceed beyond")
AT_MOST = _cues("under below less nearly almost casi fast")
PERCENT = _cues("percent percentage pct share")
QUALIFIERS = _cues("balanced macro micro weighted baseline")
"""Words of a key that make it another quantity: they must be spoken."""
VERSUS = _cues("versus vs than against between both")
EARLIER = _cues("earlier previous previously before ago compared versus vs than still also again unlike against both")
"""Words that look back to what an earlier turn has found."""
LEADING = _cues("top first last next best worst")
RANKING = _cues("top first last next most least best worst main strongest weakest largest smallest")
DIFFERENCE = _cues(
    "difference gap margin higher lower better worse more less fewer above below improve improvement gain beat rise "
    "rose fall fell drop increase decrease reduce reduction width wide span advantage lead ahead"
)
BETWEEN = _cues("between interval range plausible bound ci limit span minimum maximum")
SUM = _cues("together sum combined altogether both join overall jointly")
REST = _cues("remaining rest other wrong otherwise complement")
FALLING = _cues("lower drop fall fell decrease reduce down negative less minus away loss shift move change")
RATIO = _cues("ratio factor fold lift times")
SHARE = _cues("share rate ratio fraction proportion part")
COMMON = frozenset(
    "true false none nan null inf int float str bool object category int8 int16 int32 int64 uint8 float16 float32 "
    "float64 datetime64 string fit predict predict_proba predict_log_proba decision_function transform fit_transform "
    "score get_params set_params feature_importances_ coef_ intercept_ classes_ n_features_in_ feature_names_in_ head "
    "tail describe info fillna dropna isna isnull groupby value_counts read_csv merge drop pandas numpy sklearn "
    "scikit-learn python jupyter matplotlib scipy xgboost lightgbm catboost statsmodels pd np df.head random_state "
    "n_jobs max_depth n_estimators learning_rate class_weight max_iter test_size train_test_split cross_val_score "
    "gridsearchcv standardscaler onehotencoder columntransformer simpleimputer pipeline %chat %%chat pip "
    "x y x_train y_train".split()
)
"""Names of Python and its libraries, that every advice is full of: they claim nothing about a kernel."""
