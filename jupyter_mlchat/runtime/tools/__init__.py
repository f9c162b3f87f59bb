"""The tools of the assistant. Each module holds typed functions marked with `@tool`."""

MODULES: tuple[str, ...] = tuple(
    f"{__name__}.{name}" for name in ("models", "predict", "validate", "explain", "frames", "notebook", "system")
)
