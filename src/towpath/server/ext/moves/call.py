"""One call to `moves`, as its parts pass it on, and what becomes of each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.freight import Freight
from towpath.resources.kinds import Ref
from towpath.server import requests, rights
from towpath.server.auth import caller

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.requests import Request

    from towpath.admission.requester import Requester
    from towpath.resources.stage import Stage
    from towpath.server.ext.moves.asked import AskedMove
    from towpath.server.services import Services
    from towpath.store.contract import Stored


class RefusedTargetError(Exception):
    """One target is not moved; the others are asked all the same."""

    def __init__(self, message: str, status: int = 409, **told: Any) -> None:
        """`told`: what programs are told besides."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.told = told


@dataclass(frozen=True, slots=True)
class MoveCall:
    """What is asked for, by whom, and on what."""

    request: Request
    services: Services
    project: str
    asked: AskedMove
    label: str = ""
    """On what the call makes, so that a second one finds it; empty where it has no key."""
    freight: Stored | None = None
    """The Freight that was named."""
    hold_end: datetime | None = None
    """When a hold is to end by itself; None: not by itself."""
    line: Mapping[str, tuple[str, ...]] | None = None
    """By Stage, the origins of what is held or resumed where it is the line; None: it is not."""
    cut_off: datetime | None = None
    """When an earlier call with the key began, whose answer nobody knows; None: there was none."""
    looked_at: int = 0
    """The revision at which the Stages were compared with what the caller has seen; where `ifRev` says what that was."""

    @property
    def requester(self) -> Requester:
        """Who calls."""
        return caller.of(self.request)

    async def stage(self, name: str) -> Stored:
        """Return a Stage that the caller may promote to. Raises RefusedTargetError, also for one that is not there."""
        await rights.ask(self.request, self.services, "promote", scheme.STAGE, self.project, name)
        try:
            return await self.services.store.get(Ref(scheme.STAGE, self.project, name), fresh=True)
        except NotFound:
            message = f"there is no Stage {name} in Project {self.project}"
            raise RefusedTargetError(message, status=404) from None

    async def origins(self, stage: Stage) -> tuple[str, ...]:
        """Return the origins that are meant: the one that was named, else all that the Stage requests. Raises RefusedTargetError.

        Of a line: those of it.
        """
        requested = tuple(each.origin.key for each in stage.spec.requested_freight)
        if self.line is not None:
            of_line = self.line.get(stage.metadata.name, ())
            return tuple(each for each in requested if each in of_line)
        if not self.asked.origin:
            return requested
        if self.asked.origin not in requested:
            told = ", ".join(requested) or "none"
            raise RefusedTargetError(
                f"origin: Stage {stage.metadata.name} requests no Freight of {self.asked.origin}; it requests {told}",
                status=400,
            )
        return (self.asked.origin,)


def view_of(freight: Stored | None) -> Freight:
    """Return the Freight of a kind of move that needs some: that it was named was seen to."""
    if freight is None:
        raise AssertionError("the body was read without the Freight that its kind needs")
    return freight.view(Freight)


async def named_freight(request: Request, services: Services, project: str, name: str) -> Stored:
    """Return Freight by name or alias that the caller may get. Raises NotFound, Forbidden."""
    await rights.ask(request, services, "get", scheme.FREIGHT, project, name)
    found = await requests.freight(services.store, project, name)
    if found.ref.name != name:
        await rights.ask(request, services, "get", scheme.FREIGHT, project, found.ref.name)
    return found


def current(stage: Stage) -> Mapping[str, str]:
    """Return the names of the Freight that a Stage holds, by origin."""
    history = stage.status.freight_history if stage.status is not None else []
    return {origin: each.name for origin, each in (history[0].items if history else {}).items()}
