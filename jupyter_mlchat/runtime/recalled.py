"""Facts that were registered in an earlier kernel: used again for the same model, with evidence that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import peek
from .kept import EARLIER_KEY, notice
from .registered import Registered

if TYPE_CHECKING:
    from .catalog import Found
    from .toolbox import ToolContext

_READ_KEY = "registered earlier, read"


def recalled_of(ctx: ToolContext, found: Found) -> Registered | None:
    """The facts when name, class and columns match; where they don't, the next answer says so once."""
    for ref in (found.ref, *found.aliases):
        told = _read(ctx, ref)
        if told is not None:
            from .catalog import catalog_of

            inputs = catalog_of(ctx).cached(found, "inputs", lambda: found.adapter.inputs(found.model))
            against = told.contradiction(peek.class_name(type(found.model)), inputs)
            if not against:
                return told
            notice(ctx.state, f"What was registered of `{ref}` in an earlier kernel is not used: {against}.")
    return None


def _read(ctx: ToolContext, ref: str) -> Registered | None:
    facts = (ctx.state.get(EARLIER_KEY) or {}).get(ref)
    if facts is None:
        return None
    read: dict[str, Registered | None] = ctx.state.setdefault(_READ_KEY, {})
    stamp = f"{ref} {facts.get('stamp')}"
    if stamp not in read:
        try:
            read[stamp] = replace(Registered.from_dict(facts), earlier=True)
        except (KeyError, TypeError, ValueError, AttributeError):
            # Another release wrote it: as good as not there.
            read[stamp] = None
    return read[stamp]
