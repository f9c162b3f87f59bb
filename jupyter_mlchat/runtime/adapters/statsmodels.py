"""statsmodels results: of formulas and arrays, linear, generalised, discrete and of quantiles.

Without a formula it takes columns by position, whatever their names, and says nothing. A constant column is
filled in by name, since `add_constant` adds none to a single row.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from .. import peek
from .base import Adapter, Facts, Importance, Inputs, Output, Returns, Status, Task
from .scikit_importance import UNTRACED

_WRAPPER = "statsmodels.base.wrapper.ResultsWrapper"
_SPEC = "statsmodels.base.model.Model"
SERIES = "statsmodels.tsa.base.tsa_model.TimeSeriesModel"
_BINARY = "statsmodels.discrete.discrete_model.BinaryModel"
_SEVERAL = (
    "statsmodels.discrete.discrete_model.MultinomialModel",
    "statsmodels.miscmodels.ordinal_model.OrderedModel",
)
_LINEAR = "statsmodels.regression.linear_model.RegressionModel"
_QUANTILE = "statsmodels.regression.quantile_regression.QuantReg"
_BINOMIAL = "statsmodels.genmod.families.family.Binomial"
_KNOWN_CALLS = frozenset(
    {"np", "numpy", "C", "I", "Q", "bs", "cr", "cc", "te", "center", "standardize", "scale", "poly"}
)
"""What a formula may call that is not the person's own function."""


class StatsmodelsAdapter(Adapter):
    family = "statsmodels"

    def status(self, model: object) -> Status:
        return "unfitted" if peek.is_a(model, _SPEC) else "fitted"

    def task(self, model: object) -> Task:
        spec = spec_of(model)
        if peek.is_a(spec, _BINARY, *_SEVERAL) or peek.is_a(peek.attribute(spec, "family"), _BINOMIAL):
            return "classification"
        return "regression"

    def estimator(self, model: object) -> object:
        return spec_of(model)

    def inputs(self, model: Any) -> Inputs:
        spec = spec_of(model)
        if _formula(spec) is not None:
            columns = tuple(variables_of(spec))
            facts = {name: Facts() for name in columns}
            for fact in facts.values():
                fact.learn("formula", nullable=False, on_unknown="error")
                fact.on_null = "nan"
            return Inputs(columns, len(columns), "frame", "formula", facts)
        columns = tuple(_design(spec))
        constant = _constant(spec)
        facts = {name: Facts() for name in columns}
        for i, fact in enumerate(facts.values()):
            fact.learn("statsmodels computes with numbers", role="numeric", nullable=False)
            fact.on_null = "nan"
            if constant is not None and i == constant[0]:
                fact.required = False
                fact.nullable = True
                fact.learn("constant column", default=constant[1])
        named = hasattr(type(self.training(model)), "columns")
        return Inputs(columns, len(columns), "frame" if named else "array", "exog_names", facts)

    def training(self, model: Any) -> Any | None:
        data = peek.attribute(spec_of(model), "data")
        if _formula(spec_of(model)) is not None:
            return peek.attribute(data, "frame")
        return peek.attribute(data, "orig_exog")

    def classes(self, model: Any) -> list[list[Any]] | None:
        spec = spec_of(model)
        if peek.is_a(spec, *_SEVERAL):
            names = getattr(spec, "_ynames_map", None)
            if names is not None:
                return [list(names.values())]
            numpy: Any = peek.library("numpy")
            labels = getattr(spec, "labels", None)
            return [[*(numpy.unique(spec.endog) if labels is None else numpy.asarray(labels)).tolist()]]
        return [[0, 1]] if self.task(model) == "classification" and _of_two(spec) else None

    def returns(self, model: Any) -> Returns:
        return "probability" if self.classes(model) is not None else "label"

    def fit_info(self, model: Any) -> dict[str, Any]:
        found = {}
        for name in ("nobs", "rsquared", "prsquared", "aic", "bic", "llf"):
            value = _value(model, name)
            if isinstance(value, (int, float)):
                found[name] = float(value)
        formula = _formula(spec_of(model))
        return found if formula is None else {"formula": str(formula)[:300], **found}

    def user_code(self, model: object) -> bool:
        """A formula may call functions of the notebook."""
        spec = spec_of(model)
        return any(name not in _KNOWN_CALLS for text in factors_of(spec) for name in _called(text))

    def predict(self, model: Any, X: Any, *, details: bool) -> Output:
        spec = spec_of(model)
        if _formula(spec) is None:
            X = _with_constant(spec, X)
        numpy: Any = peek.library("numpy")
        label = numpy.asarray(model.predict(X))
        if not details:
            return Output(label)
        if peek.is_a(spec, _LINEAR) and not peek.is_a(spec, _QUANTILE):
            return Output(label, spread=numpy.asarray(model.get_prediction(X).se_obs))
        if self.returns(model) == "label":
            return Output(label)
        return Output(label, probability=label if label.ndim == 2 else numpy.column_stack([1 - label, label]))

    def importance(self, model: Any, names: Sequence[str]) -> Importance | None:
        """|coefficient|, summed over what a formula made of each column."""
        numpy: Any = peek.library("numpy")
        spec = spec_of(model)
        params = numpy.abs(numpy.asarray(model.params, dtype=float))
        if params.ndim != 1 or len(params) < len(spec.exog_names or ()):
            return None
        sums = dict.fromkeys(names, 0.0)
        constant = _constant(spec)
        for i, origin in enumerate(_origins(spec)):
            if origin is not None and (constant is None or constant[0] != i):
                sums[origin] = sums.get(origin, 0.0) + float(params[i])
        notes = ["No input was scaled: coefficients of columns in different units can't be compared."]
        return Importance("coefficients", tuple(sums), tuple(sums.values()), tuple(notes))


def spec_of(model: object) -> Any:
    """The model that was fitted. A wrapper computes on access, so that it is read from its dict."""
    results = peek.attribute(model, "_results") if peek.is_a(model, _WRAPPER) else model
    return results if peek.is_a(results, _SPEC) else peek.attribute(results, "model")


def _formula(spec: object) -> Any | None:
    return peek.attribute(spec, "formula") or peek.attribute(peek.attribute(spec, "data"), "formula")


def factors_of(spec: Any) -> list[str]:
    """The expressions on the right of a formula: `C(plan)`, `np.log(age)`."""
    design = peek.attribute(peek.attribute(spec, "data"), "model_spec")
    infos = getattr(design, "factor_infos", None)
    if infos is not None:
        return [str(factor.name()) for factor in infos]
    return [str(factor) for factor in getattr(design, "factors", None) or ()]


def variables_of(spec: Any) -> list[str]:
    """The columns that a formula reads, in the order it names them."""
    frame = peek.attribute(peek.attribute(spec, "data"), "frame")
    known = None if frame is None else set(map(str, frame.columns))
    found = [name for text in factors_of(spec) for name in _names(text)]
    return [name for name in dict.fromkeys(found) if known is None or name in known]


def _names(factor: str) -> Iterator[str]:
    try:
        tree = ast.parse(factor, mode="eval")
    except SyntaxError:
        yield factor.strip("`")
        return
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called | owners:
            yield node.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Q":
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and type(arg.value) is str)


def _called(factor: str) -> Iterator[str]:
    try:
        tree = ast.parse(factor, mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).partition(".")[0]


def _design(spec: Any) -> list[str]:
    """Names of the design's columns; an ordered model adds its thresholds to them."""
    exog = peek.attribute(spec, "exog")
    names = list(map(str, spec.exog_names or ()))
    return names if exog is None else names[: exog.shape[1]]


def _constant(spec: Any) -> tuple[int, float] | None:
    """The position and value of an explicit constant column of a model without formula."""
    place = peek.attribute(peek.attribute(spec, "data"), "const_idx")
    exog = peek.attribute(spec, "exog")
    if place is None or exog is None or _formula(spec) is not None:
        return None
    return int(place), float(exog[0, int(place)])


def _with_constant(spec: Any, X: Any) -> Any:
    constant = _constant(spec)
    if constant is None:
        return X
    place, value = constant
    if hasattr(type(X), "columns"):
        name = spec.exog_names[place]
        if name in X.columns:
            return X
        return X.assign(**{name: value})[list(spec.exog_names)]
    numpy: Any = peek.library("numpy")
    X = numpy.asarray(X, dtype=float)
    if X.shape[1] < len(spec.exog_names):
        return numpy.insert(X, place, value, axis=1)
    X = X.copy()
    X[numpy.isnan(X[:, place]), place] = value
    return X


def _of_two(spec: Any) -> bool:
    """Whether the target is nothing but 0 and 1 (a binomial family also takes shares)."""
    numpy: Any = peek.library("numpy")
    endog = peek.attribute(spec, "endog")
    return endog is not None and bool(numpy.isin(endog, (0, 1)).all())


def _origins(spec: Any) -> list[str | None]:
    """For each coefficient the column it is of; None for an intercept."""
    if _formula(spec) is None:
        return list(map(str, spec.exog_names))
    design = peek.attribute(peek.attribute(spec, "data"), "model_spec")
    slices = getattr(design, "term_slices", None)
    known = set(variables_of(spec))
    found: list[str | None] = [None] * len(spec.exog_names)
    for term, place in dict(slices or {}).items():
        factors = getattr(term, "factors", ())
        texts = [factor.name() if callable(getattr(factor, "name", None)) else str(factor) for factor in factors]
        columns = [name for text in texts for name in _names(text) if name in known]
        if columns:
            width = len(range(*place.indices(len(found))))
            found[place] = [columns[0] if len(set(columns)) == 1 else UNTRACED] * width
    return found


def _value(model: Any, name: str) -> Any | None:
    try:
        return getattr(model, name, None)
    except Exception:
        return None
