"""Asking for rights where only the handler knows on what: the row of its route says so in words (`also`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.errors import Forbidden
from towpath.resources import scheme
from towpath.rules import rbac
from towpath.rules.rbac import Attributes
from towpath.server.auth import caller

if TYPE_CHECKING:
    from starlette.requests import Request

    from towpath.resources.kinds import Kind, Ref
    from towpath.server.services import Services


async def ask(
    request: Request,
    services: Services,
    verb: str,
    kind: Kind,
    namespace: str,
    name: str = "",
    subresource: str = "",
) -> None:
    """Return if the caller may do that to an object, or without a name to any of them. Raises Forbidden."""
    on = Attributes(kind.group, kind.plural, namespace, name, subresource)
    await caller.authorize(request, services.authorizer, verb, on)


async def ask_to_look(request: Request, services: Services, ref: Ref, *, stage: str = "") -> None:
    """Return if the caller may have a controller look at an object they may see. Raises Forbidden.

    Who may change it may, and who may promote to its Stage; without a Stage: to all of the namespace.
    """
    user = caller.of(request).user
    change = Attributes(ref.kind.group, ref.kind.plural, ref.namespace, ref.name)
    promote = Attributes(scheme.KARGO, scheme.STAGE.plural, ref.namespace, stage)
    if (await services.authorizer.allowed(user, "patch", change)).allowed:
        return
    if ref.namespace and (await services.authorizer.allowed(user, "promote", promote)).allowed:
        return
    also = ", nor promote to its Stage" if stage else ", nor promote" if ref.namespace else ""
    raise Forbidden(f"{rbac.refusal(user, 'patch', change)}{also}")
