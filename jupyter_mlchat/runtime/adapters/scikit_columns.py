"""Following raw columns through scikit-learn transformers: what they learnt, and where outputs come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .. import peek
from . import scikit_parts as parts
from .base import Facts, OnUnknown
from .lightgbm import learn_columns


class Origin(NamedTuple):
    """A feature on its way: the raw column it is made of (None: of several), and whether it is still raw."""

    column: str | None
    raw: bool


Origins = list[Origin] | None
"""None when not even the number of features is known."""
FactsByName = dict[str, Facts]

_ENCODERS: dict[str, tuple[str, dict[str, OnUnknown]]] = {
    "OneHotEncoder": (
        "handle_unknown",
        {"error": "error", "ignore": "ignored", "infrequent_if_exist": "ignored", "warn": "ignored"},
    ),
    "OrdinalEncoder": ("handle_unknown", {"error": "error", "use_encoded_value": "own_group"}),
    "TargetEncoder": ("", {"": "own_group"}),
}
_UNKNOWN_LEVELS: dict[str, OnUnknown] = {"lightgbm": "own_group", "xgboost": "error"}
"""What libraries do that take categorical columns as they are."""
_TEXT = frozenset({"CountVectorizer", "TfidfVectorizer", "HashingVectorizer"})
_ONE_TO_ONE = frozenset(
    [
        "StandardScaler",
        "MinMaxScaler",
        "MaxAbsScaler",
        "RobustScaler",
        "PowerTransformer",
        "QuantileTransformer",
        "Normalizer",
        "Binarizer",
        "TfidfTransformer",
        "KNNImputer",
        "IterativeImputer",
    ]
)


class Trace(NamedTuple):
    """`final` gets features that come from `origins`; None where the path splits or ends in the dark."""

    final: Any
    origins: Origins
    shared: Origins = None
    """What each member of an ensemble gets, where the path ends in one."""


def trace(model: object, names: Sequence[str], facts: FactsByName) -> Trace:
    """Fill `facts` with what the model learnt about its columns, and find what its last estimator sees."""
    return _through_model(model, [Origin(name, True) for name in names], facts)


def _through_model(model: object, origins: Origins, facts: FactsByName) -> Trace:
    if peek.is_a(model, parts.PIPELINE):
        steps = parts.steps_of(model)
        for _, step in steps[:-1]:
            origins = _through(step, origins, facts)
        return _through_model(steps[-1][1], origins, facts) if steps else Trace(model, origins)
    inner = parts.wrapped(model)
    if inner is not None:
        return _through_model(inner, origins, facts)
    support = peek.attribute(model, "support_")
    if support is not None and peek.attribute(model, "estimator_") is not None and origins is not None:
        kept = [origin for origin, chosen in zip(origins, support, strict=True) if chosen]
        return _through_model(peek.attribute(model, "estimator_"), kept, facts)
    found = parts.members(model)
    for member in found:
        _through_model(member, origins, facts)
    if not found:
        _arrive(model, origins, facts)
    return Trace(model, None, origins) if found else Trace(model, origins)


def _arrive(final: object, origins: Origins, facts: FactsByName) -> None:
    """What is still raw here goes into the estimator as it is."""
    name = peek.short_name(type(final))
    accepts = _accepts_nulls(final)
    inner = peek.attribute(final, "_preprocessor")
    if peek.is_a(final, parts.HIST_BOOSTING) and inner is not None:
        _through(inner, origins, facts, on_unknown="own_group")
    booster = peek.attribute(final, "_Booster") if peek.root_of(type(final)) == "lightgbm" else None
    if booster is not None and origins:
        raw = {origin.column or "": facts[origin.column or ""] for origin in origins if origin.raw and origin.column}
        learn_columns(booster, [origin.column or "" for origin in origins], raw)
    for origin in origins or ():
        fact = facts.get(origin.column or "")
        if fact is None:
            continue
        fact.learn(name, nullable=accepts, on_unknown=_UNKNOWN_LEVELS.get(peek.root_of(type(final))))
        if origin.raw and fact.categories is None and peek.root_of(type(final)) == "sklearn":
            fact.learn(f"{name} computes with numbers", role="numeric")


def _accepts_nulls(final: object) -> bool | None:
    if peek.root_of(type(final)) in _UNKNOWN_LEVELS:
        return True
    utils = peek.library("sklearn.utils")
    if utils is None or peek.root_of(type(final)) != "sklearn" or not hasattr(utils, "get_tags"):
        return None
    try:
        return bool(utils.get_tags(final).input_tags.allow_nan)
    except Exception:
        return None


def _through(step: Any, origins: Origins, facts: FactsByName, on_unknown: OnUnknown | None = None) -> Origins:
    """The features after one transformer."""
    if step is None or (type(step) is str and step == "passthrough"):
        return origins
    if peek.is_a(step, parts.PIPELINE):
        for _, inner in parts.steps_of(step):
            origins = _through(inner, origins, facts)
        return origins
    if origins is None:
        return None
    name = peek.short_name(type(step))
    if peek.root_of(type(step)) != "sklearn":
        return None
    if name == "ColumnTransformer":
        return _through_columns(step, origins, facts, on_unknown)
    if name == "FeatureUnion":
        joined: list[Origin] = []
        for _, pair in peek.items(peek.attribute(step, "transformer_list"), 200):
            out = _through(pair[1], origins, facts)
            if out is None:
                return None
            joined += out
        return joined
    if peek.attribute(step, "categories_") is not None and name in _ENCODERS:
        return _through_encoder(step, name, origins, facts, on_unknown)
    if name in _TEXT:
        return _through_text(step, name, origins, facts)
    if name == "SimpleImputer":
        return _through_imputer(step, origins, facts)
    if name == "FunctionTransformer":
        return _through_function(step, origins)
    if name in _ONE_TO_ONE:
        _learn_numbers(step, name, origins, facts)
        return [Origin(origin.column, False) for origin in origins]
    return _through_other(step, origins)


def _through_columns(step: Any, origins: list[Origin], facts: FactsByName, on_unknown: OnUnknown | None) -> Origins:
    places = peek.attribute(step, "output_indices_") or {}
    width = max((place.stop for place in places.values()), default=0)
    result = [Origin(None, False)] * width
    for _, entry in peek.items(peek.attribute(step, "transformers_"), 2_000):
        name, inner, selector = entry
        chosen = _select(selector, origins)
        if type(inner) is str and inner == "drop":
            for origin in chosen:
                fact = facts.get(origin.column or "")
                if fact is not None and origin.raw and "required" not in fact.sources:
                    fact.required = False
                    fact.sources["required"] = "ColumnTransformer drops it"
            continue
        for origin in chosen:
            fact = facts.get(origin.column or "")
            if fact is not None:
                fact.required = True
                fact.sources["required"] = f"ColumnTransformer step {name!r}"
        out = _through(inner, chosen, facts, on_unknown)
        place = places.get(name)
        if place is None:
            continue
        size = place.stop - place.start
        if out is None or len(out) != size:
            columns = {origin.column for origin in chosen}
            out = [Origin(columns.pop() if len(columns) == 1 else None, False)] * size
        result[place] = out
    return result


def _select(selector: Any, origins: list[Origin]) -> list[Origin]:
    """A ColumnTransformer's columns: a name, names, positions, a slice or a mask."""
    by_name = {origin.column: origin for origin in origins}
    names = [origin.column for origin in origins]
    if isinstance(selector, slice):
        ends = [names.index(end) if isinstance(end, str) else end for end in (selector.start, selector.stop)]
        if isinstance(selector.stop, str):
            ends[1] += 1
        return origins[slice(ends[0], ends[1], selector.step)]
    chosen = [selector] if isinstance(selector, (str, int)) else list(selector)
    if chosen and all(type(item).__name__ in ("bool", "bool_") for item in chosen):
        return [origin for origin, wanted in zip(origins, chosen, strict=False) if wanted]
    return [by_name.get(item, Origin(None, False)) if isinstance(item, str) else origins[int(item)] for item in chosen]


def _through_encoder(
    step: Any, name: str, origins: list[Origin], facts: FactsByName, forced: OnUnknown | None
) -> Origins:
    categories = peek.attribute(step, "categories_")
    parameter, meanings = _ENCODERS[name]
    on_unknown = forced or meanings.get(peek.attribute(step, parameter) or "", "error")
    if len(categories) != len(origins):
        return None
    widths = peek.attribute(step, "_n_features_outs") if name == "OneHotEncoder" else None
    result: list[Origin] = []
    for position, (origin, levels) in enumerate(zip(origins, categories, strict=True)):
        known = [level.item() if hasattr(type(level), "item") else level for level in levels]
        nulls = [level for level in known if level is None or (isinstance(level, float) and math.isnan(level))]
        fact = facts.get(origin.column or "")
        if fact is not None and origin.raw:
            fact.learn(
                name,
                role="categorical",
                categories=tuple(level for level in known if all(level is not null for null in nulls)),
                on_unknown=on_unknown,
                nullable=bool(nulls or on_unknown != "error"),
            )
        result += [Origin(origin.column, False)] * (int(widths[position]) if widths is not None else 1)
    if name == "TargetEncoder" and peek.attribute(step, "target_type_") == "multiclass":
        classes = len(peek.attribute(step, "classes_"))
        result = [origin for origin in result for _ in range(classes)]
    return result


def _through_text(step: Any, name: str, origins: list[Origin], facts: FactsByName) -> Origins:
    if len(origins) != 1:
        return None
    fact = facts.get(origins[0].column or "")
    if fact is not None:
        fact.learn(name, role="text", nullable=False)
    vocabulary = peek.attribute(step, "vocabulary_")
    width = len(vocabulary) if type(vocabulary) is dict else peek.attribute(step, "n_features")
    return [Origin(origins[0].column, False)] * int(width) if width else None


def _through_imputer(step: Any, origins: list[Origin], facts: FactsByName) -> Origins:
    statistics = peek.attribute(step, "statistics_")
    if statistics is None or len(statistics) != len(origins):
        return None
    constant = peek.attribute(step, "strategy") == "constant"
    kept: list[Origin] = []
    for origin, value in zip(origins, statistics, strict=True):
        plain = value.item() if hasattr(type(value), "item") else value
        empty = plain is None or (isinstance(plain, float) and math.isnan(plain))
        fact = facts.get(origin.column or "")
        if fact is not None and origin.raw:
            fact.default_is_constant = constant
            fact.learn("SimpleImputer", default=None if empty else plain, nullable=True)
        if not empty or peek.attribute(step, "keep_empty_features"):
            kept.append(origin)
    indicator = peek.attribute(step, "indicator_")
    flagged = peek.attribute(indicator, "features_") if indicator is not None else None
    extra = [Origin(origins[int(i)].column, False) for i in flagged] if flagged is not None else []
    return kept + extra


def _through_function(step: Any, origins: list[Origin]) -> Origins:
    function = peek.attribute(step, "func")
    numpy = peek.library("numpy")
    if function is None:
        return origins
    same_width = peek.attribute(step, "feature_names_out") == "one-to-one"
    if same_width or (numpy is not None and type(function) is numpy.ufunc):
        return [Origin(origin.column, False) for origin in origins]
    return None


def _through_other(step: Any, origins: list[Origin]) -> Origins:
    """Selectors keep some features, polynomials and splines make known ones, anything else mixes them all."""
    powers = peek.attribute(step, "powers_")
    try:
        if peek.is_a(step, "sklearn.feature_selection._base.SelectorMixin"):
            mask = step.get_support()
            return [origin for origin, kept in zip(origins, mask, strict=True) if kept]
        if powers is None and peek.is_a(step, "sklearn.preprocessing._polynomial.PolynomialFeatures"):
            powers = step.powers_
        if powers is not None:
            used = [{origins[i].column for i, power in enumerate(row) if power} for row in powers]
            return [Origin(columns.pop() if len(columns) == 1 else None, False) for columns in used]
        width = len(step.get_feature_names_out())
    except Exception:
        return None
    columns = {origin.column for origin in origins}
    return [Origin(columns.pop() if len(columns) == 1 else None, False)] * width


def _learn_numbers(step: Any, name: str, origins: list[Origin], facts: FactsByName) -> None:
    for position, origin in enumerate(origins):
        fact = facts.get(origin.column or "")
        if fact is None or not origin.raw:
            continue
        fact.learn(name, role="numeric")
        read = _NUMBERS.get(name)
        found = read(step, position) if read is not None else None
        if found is None:
            continue
        low, high, middle, exact = found
        if low is not None and "low" not in fact.sources:
            fact.exact_range = exact
        fact.learn(name if exact else f"{name}, mean ± 4 standard deviations", low=low, high=high)
        fact.learn(name, default=middle)


Numbers = tuple[float | None, float | None, float | None, bool]


def _standard(step: Any, i: int) -> Numbers | None:
    means, scales = peek.attribute(step, "mean_"), peek.attribute(step, "scale_")
    if means is None:
        return None
    mean = float(means[i])
    if scales is None:
        return None, None, mean, False
    return mean - 4 * float(scales[i]), mean + 4 * float(scales[i]), mean, False


def _min_max(step: Any, i: int) -> Numbers | None:
    lows, highs = peek.attribute(step, "data_min_"), peek.attribute(step, "data_max_")
    return None if lows is None else (float(lows[i]), float(highs[i]), None, True)


def _robust(step: Any, i: int) -> Numbers | None:
    centers = peek.attribute(step, "center_")
    return None if centers is None else (None, None, float(centers[i]), False)


def _quantile(step: Any, i: int) -> Numbers | None:
    table = peek.attribute(step, "quantiles_")
    if table is None:
        return None
    return float(table[0, i]), float(table[-1, i]), float(table[len(table) // 2, i]), True


_NUMBERS: dict[str, Callable[[Any, int], Numbers | None]] = {
    "StandardScaler": _standard,
    "MinMaxScaler": _min_max,
    "RobustScaler": _robust,
    "QuantileTransformer": _quantile,
}
