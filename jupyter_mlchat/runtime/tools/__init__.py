"""The tools of the assistant. Each module holds typed functions marked with `@tool`."""

MODULES: tuple[str, ...] = tuple(
    f"{__name__}.{name}"
    for name in (
        "models",
        "predict",
        "validate",
        "explain",
        "whatif",
        "alternatives",
        "effects",
        "inputs",
        "evaluate",
        "errors",
        "thresholds",
        "checks",
        "search",
        "frames",
        "rows",
        "batch",
        "changes",
        "files",
        "datasets",
        "notebook",
        "register",
        "system",
    )
)
