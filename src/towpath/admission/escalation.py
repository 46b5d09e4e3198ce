"""Nobody gives what they do not have: the guard before whatever hands rights on."""

from __future__ import annotations

import asyncio
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
_MOST_COMPARED: Final = 10_000_000
"""Pairs of what is granted and what is held: a few seconds of a processor."""
_TURN: Final = 10_000


async def refuse(
    authorizer: Authorizer,
    requester: Requester,
    rules: Sequence[PolicyRule],
    namespace: str,
    told: str,
) -> None:
    """Raise Forbidden where rules grant what the requester does not hold in a namespace, naming that. `told`: by what.

    What they come to is compared with all that the requester holds: where both are very many it is refused as well.
    """
    held = await authorizer.rules_for(requester.user, namespace)
    await _refuse(requester, rules, held, told, _Effort())


async def _refuse(
    requester: Requester,
    rules: Sequence[PolicyRule],
    held: Sequence[PolicyRule],
    told: str,
    effort: _Effort,
) -> None:
    missing: list[PolicyRule] = []
    for part in (part for rule in rules for part in rbac.parts(rule)):
        if not await effort.has_room(len(held)):
            raise Forbidden(
                f'{told} is forbidden: what it grants and what user "{requester.user.name}" holds is too much to be '
                "compared: write fewer rules, with `*` for what they list, or have somebody do it who holds all rights"
            )
        if not rbac.is_covered(part, held):
            missing.append(part)
            if len(missing) == _MOST_TOLD:
                break
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
    authorizer: Authorizer,
    requester: Requester,
    namespace: str,
    name: str,
    told: str,
    *,
    within: str = "",
) -> None:
    """Raise Forbidden where a ServiceAccount may do what the requester may not, who is to have others speak as it.

    Whoever may `impersonate` it, or ask for tokens of it, may speak as it anyway. `within`: the one namespace in which what
    the account may do everywhere counts for the others; empty: it counts everywhere, and must be held everywhere.
    """
    if requester.is_controller or requester.user.is_master:
        return
    for verb, subresource in (("impersonate", ""), ("create", "token")):
        on = Attributes("", "serviceaccounts", namespace, name, subresource)
        if (await authorizer.allowed(requester.user, verb, on)).allowed:
            return
    effort = _Effort()
    held: dict[str, list[PolicyRule]] = {}
    for where, rules in await authorizer.rights_of(rbac.account(namespace, name)):
        place = where or within
        if place not in held:
            held[place] = await authorizer.rules_for(requester.user, place)
        await _refuse(requester, rules, held[place], told, effort)


class _Effort:
    """How much may be compared, and how much of it was."""

    def __init__(self) -> None:
        self._compared = 0
        self._since_turn = 0

    async def has_room(self, count: int) -> bool:
        """Whether so many more comparisons may be made; others have a turn now and then."""
        self._compared += count
        self._since_turn += count
        if self._since_turn >= _TURN:
            self._since_turn = 0
            await asyncio.sleep(0)
        return self._compared <= _MOST_COMPARED
