"""Nobody gives what they do not have: the guard before whatever hands rights on."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from towpath.errors import Forbidden
from towpath.rules import rbac
from towpath.rules.rbac import Attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.resources.role import PolicyRule

_MOST_TOLD: Final = 10


async def refuse(
    authorizer: Authorizer,
    requester: Requester,
    rules: Sequence[PolicyRule],
    namespace: str,
    told: str,
) -> None:
    """Raise Forbidden where rules grant what the requester does not hold in a namespace, naming that. `told`: by what."""
    held = await authorizer.rules_for(requester.user, namespace)
    uncovered = (part for rule in rules for part in rbac.uncovered(rule, held))
    missing = list(islice(uncovered, _MOST_TOLD))
    if not missing:
        return
    listed = "; ".join(
        f"{part.verbs[0]} {(part.resources or part.non_resource_urls)[0]}"
        + (f" in API group {part.api_groups[0]!r}" if part.api_groups else "")
        for part in missing
    )
    raise Forbidden(
        f'{told} is forbidden: user "{requester.user.name}" is attempting to grant RBAC permissions not currently '
        f"held: {listed}"
    )


async def refuse_account(
    authorizer: Authorizer, requester: Requester, namespace: str, name: str, told: str
) -> None:
    """Raise Forbidden where a ServiceAccount may do what the requester may not, who is to have others speak as it.

    Whoever may `impersonate` it, or ask for tokens of it, may speak as it anyway.
    """
    if requester.is_controller or requester.user.is_master:
        return
    for verb, subresource in (("impersonate", ""), ("create", "token")):
        on = Attributes("", "serviceaccounts", namespace, name, subresource)
        if (await authorizer.allowed(requester.user, verb, on)).allowed:
            return
    for where, rules in await authorizer.rights_of(rbac.account(namespace, name)):
        await refuse(authorizer, requester, rules, where or namespace, told)
