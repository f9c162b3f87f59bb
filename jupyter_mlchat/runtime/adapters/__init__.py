"""Which adapter answers for an object: by the qualified class names among its bases, the most specific first.

Ours are the data below. Others come from the entry-point group `jupyter_mlchat.adapters`: the name is the
qualified class name, the value a callable that makes an adapter.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from .. import peek
from .base import Adapter

GROUP = "jupyter_mlchat.adapters"
BUILT_IN: Mapping[str, str] = {
    "sklearn.base.BaseEstimator": "scikit:ScikitAdapter",
    "xgboost.core.Booster": "xgboost:XgboostAdapter",
    "lightgbm.basic.Booster": "lightgbm:LightgbmAdapter",
    "catboost.core._CatBoostBase": "catboost:CatboostAdapter",
    "statsmodels.tsa.base.tsa_model.TimeSeriesModel": "forecasts:ForecastAdapter",
    "statsmodels.tsa.base.tsa_model.TimeSeriesModelResults": "forecasts:ForecastAdapter",
    "statsmodels.tsa.statespace.mlemodel.MLEResultsWrapper": "forecasts:ForecastAdapter",
    "statsmodels.tsa.holtwinters.results.HoltWintersResultsWrapper": "forecasts:ForecastAdapter",
    "statsmodels.tsa.ar_model.AutoRegResultsWrapper": "forecasts:ForecastAdapter",
    "statsmodels.tsa.vector_ar.var_model.VARResultsWrapper": "forecasts:ForecastAdapter",
    "statsmodels.tsa.exponential_smoothing.ets.ETSResultsWrapper": "forecasts:ForecastAdapter",
    "statsmodels.base.wrapper.ResultsWrapper": "statsmodels:StatsmodelsAdapter",
    "statsmodels.base.model.Results": "statsmodels:StatsmodelsAdapter",
    "statsmodels.base.model.Model": "statsmodels:StatsmodelsAdapter",
    "keras.src.layers.layer.Layer": "keras:KerasAdapter",
    "torch.nn.modules.module.Module": "torch:TorchAdapter",
    "transformers.pipelines.base.Pipeline": "transformers:PipelineAdapter",
    "mlflow.pyfunc.PyFuncModel": "mlflow:PyfuncAdapter",
    "onnxruntime.capi.onnxruntime_inference_collection.InferenceSession": "onnx:OnnxAdapter",
}
"""Qualified class name -> `module:callable` in this package."""
FALLBACK = "duck:DuckAdapter"

NOT_MODELS = frozenset(
    [
        "IPython",
        "altair",
        "asyncio",
        "bokeh",
        "builtins",
        "collections",
        "concurrent",
        "dask",
        "ipywidgets",
        "matplotlib",
        "mock",
        "numpy",
        "pandas",
        "plotly",
        "polars",
        "pyarrow",
        "pyspark",
        "scipy",
        "seaborn",
        "sqlalchemy",
        "threading",
        "types",
        "typing",
        "unittest",
    ]
)
"""Top packages whose objects are never models, whatever methods they have."""


class Registry:
    """Held by the catalog of a kernel. Others' adapters are looked up when the first unknown class is met."""

    def __init__(self) -> None:
        self._made: dict[str, Adapter] = {}
        self._others: dict[str, Any] | None = None
        self.of_class = peek.ByClass(self._find)

    def of(self, obj: object) -> Adapter | None:
        """The adapter of a model, None for what is not a model. Runs no code of the object."""
        adapter: Adapter | None = self.of_class(type(obj))
        return adapter if adapter is not None and adapter.accepts(obj) else None

    def _find(self, cls: type) -> Adapter | None:
        if peek.root_of(cls) in NOT_MODELS or _is_metaclass(cls):
            return None
        names = [peek.class_name(base) for base in peek.mro(cls)]
        known = any(name in BUILT_IN for name in names)
        if not known and peek.class_attribute(cls, "predict") is None:
            return None
        others = {} if peek.root_of(cls) == "sklearn" else self._entry_points()
        for name in names:
            if name in others:
                return self._make(name, others[name])
            if name in BUILT_IN:
                return self._make(BUILT_IN[name], None)
        return None if peek.short_name(cls).startswith("_") else self._make(FALLBACK, None)

    def _make(self, key: str, entry_point: Any) -> Adapter:
        if key not in self._made:
            if entry_point is not None:
                factory = entry_point.load()
            else:
                module, _, name = key.partition(":")
                factory = getattr(importlib.import_module(f".{module}", __name__), name)
            self._made[key] = factory()
        return self._made[key]

    def _entry_points(self) -> dict[str, Any]:
        if self._others is None:
            metadata = importlib.import_module("importlib.metadata")
            self._others = {point.name: point for point in metadata.entry_points(group=GROUP)}
        return self._others


def _is_metaclass(cls: type) -> bool:
    return any(base is type for base in peek.mro(cls))
