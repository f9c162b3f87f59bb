"""What a front end is told first: as whom it speaks, and what it may offer."""

from __future__ import annotations

import uuid

from ..protocol.events import Hello
from ..protocol.records import ConnectionId
from ..settings import MLChat
from .access import Caller, unapproved
from .levels import level_of


def hello(settings: MLChat, caller: Caller) -> Hello:
    """The first event of a new connection, which it gives its id."""
    from .. import __version__

    return Hello(
        connection=ConnectionId(uuid.uuid4().hex),
        version=__version__,
        principal=caller.principal,
        experts=bool(settings.experts),
        roles=sorted(caller.roles),
        disabled=list(settings.disabled_features),
        level=level_of(settings),
        unapproved=unapproved(caller, settings.allow_kernel_approval),
        lasting=caller.kind == "person",
    )
