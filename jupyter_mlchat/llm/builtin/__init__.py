"""The engine that answers with no key and no network."""

from .engine import BuiltinLlm

__all__ = ["BuiltinLlm"]
