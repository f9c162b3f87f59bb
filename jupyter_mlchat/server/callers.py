"""Who a request comes from, in the service's terms."""

from __future__ import annotations

import os
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server.auth.identity import IdentityProvider, PasswordIdentityProvider

from ..guard.access import LOCAL, Caller, is_named, principal_of
from ..protocol.records import Role
from ..settings import MLChat


def is_stock(provider: Any) -> bool:
    """Jupyter's own token and password providers make up a user name per browser: one person owns that server."""
    return type(provider) in (IdentityProvider, PasswordIdentityProvider) or type(provider).__name__ == (
        "LegacyIdentityProvider"
    )


def owner_of_kernels(provider: Any) -> str:
    """Whose kernels these all are: `local` for stock identity, on a JupyterHub the server's user; else ""."""
    return LOCAL if is_stock(provider) else principal_of(os.environ.get("JUPYTERHUB_USER", ""))


def user_at_work() -> str:
    """The principal of the user whose request is being handled in this context; "" outside of requests."""
    handler = CallContext.get(CallContext.JUPYTER_HANDLER)
    user = getattr(handler, "current_user", None)
    return principal_of(str(getattr(user, "username", "")))


def caller_of(handler: Any) -> Caller:
    """The principal of an authenticated request: `local` for stock identity, else the provider's user name.

    Its roles are those that `roles_of` found when the request came.
    """
    stock = is_stock(handler.identity_provider)
    name = LOCAL if stock else principal_of(_name_of(handler))
    return Caller(name, roles=getattr(handler, "roles", frozenset()))


def _name_of(handler: Any) -> str:
    """As the settings name the user."""
    return LOCAL if is_stock(handler.identity_provider) else str(handler.current_user.username)


async def roles_of(handler: Any, settings: MLChat) -> frozenset[Role]:
    """Whom the settings name as an expert or admin, unless the server's authorizer denies them that action."""
    user = handler.current_user
    found: set[Role] = set()
    if user is None:
        return frozenset()
    named: tuple[tuple[Role, list[str]], ...] = (("expert", settings.experts), ("admin", settings.admins))
    for role, entries in named:
        if entries and is_named(entries, _name_of(handler), groups_of(user)):
            allowed = handler.authorizer.is_authorized(handler, user, role, "mlchat")
            if await ensure_async(allowed):
                found.add(role)
    return frozenset(found)


def groups_of(user: Any) -> frozenset[str]:
    """As the identity provider's own kind of user tells them, or a JupyterHub; Jupyter's has none."""
    hub: Any = getattr(user, "hub_user", None)
    told = getattr(user, "groups", None) or (hub.get("groups") if isinstance(hub, dict) else None) or ()
    return frozenset(str(group) for group in told)
