"""Who asks for a write."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from towpath.rules.rbac import MASTERS, User

NOBODY: Final = User("")
"""For requesters of whom no rights are asked: controllers."""


@dataclass(frozen=True, slots=True)
class Requester:
    """The one on whose behalf something is written."""

    actor: str
    """`admin`, `email:a@b.c`, `controller:stage-controller`: what the change log and `create-actor` say."""
    is_controller: bool = False
    """One of our own controllers: its Promotions express nobody's intent, and its deletions are collection."""
    user: User = NOBODY
    """Whose rights count."""
    via: str = ""
    """By which means and from where they ask, as JSON (`via`): the change log keeps it beside the actor."""


ADMIN: Final = Requester("admin", user=User("admin", (MASTERS, "system:authenticated")))
"""The administrator: whoever has the token of the data directory."""


def of(user: User, via: str = "") -> Requester:
    """Return a user as a requester: `admin` for the administrator, their name for who was vouched for by OIDC, `kubernetes:NAME` for all others.

    Also for who may do everything by a group: what they did is theirs.
    """
    if user is ADMIN.user:
        return replace(ADMIN, via=via) if via else ADMIN
    return Requester(user.name if user.claims else f"kubernetes:{user.name}", user=user, via=via)


def via(means: str, *, name: str = "", address: str = "", by: str = "") -> str:
    """Return by which means and from where somebody asks, as `Requester.via` has it.

    `name`: of the token. `by`: the actor who speaks for them, where somebody does.
    """
    told = {"means": str(means), "name": name, "by": by, "address": address}
    return json.dumps({key: value for key, value in told.items() if value}, ensure_ascii=False)


def asked(request: dict[str, Any], requester: Requester) -> str:
    """Return a request that an annotation makes, as JSON that says who asked.

    A controller passes on what somebody asked of it; anybody else asks in their own name, whatever they wrote. `via`: by which
    means and from where, as `Requester.via` has it, where that is known.
    """
    if requester.is_controller:
        return json.dumps({"actor": requester.actor, **request, "controlPlane": True})
    told = {key: value for key, value in request.items() if key != "via"}
    told |= {"actor": requester.actor, "controlPlane": False}
    return json.dumps(told | ({"via": requester.via} if requester.via else {}))
