"""All EventRouters together: the taker that has what happened told to channels."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.admission.messages import channel_ref
from towpath.admission.requester import Requester
from towpath.expressions import ExpressionError
from towpath.hooks.routing.routed import RouterScope
from towpath.resources import moments, scheme
from towpath.resources.event_router import EventRouter, EventRouterStatus
from towpath.resources.kinds import Ref
from towpath.resources.message import LONGEST_BODY, LONGEST_KEY, document_of
from towpath.resources.message_channel import receiver_of
from towpath.resources.meta import Condition, with_condition
from towpath.resources.structs import to_document, view
from towpath.rules import told_events
from towpath.store.contract import Query
from towpath.store.tolerant_reading import views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.admission.authority import SystemAuthority
    from towpath.clock import Clock
    from towpath.resources.event_router import RouterChannel
    from towpath.resources.happening import Happening
    from towpath.runtime.evaluation import Evaluations
    from towpath.store.contract import Document, Store, Stored

REQUESTER: Final = Requester("controller:event-router-controller", is_controller=True)
_LONGEST_NAME: Final = 200
_LONGEST_SUBJECT: Final = 200
_AT_ONCE: Final = 64
"""Messages that are written in one go."""
_NOT_TOLD: Final = (errors.NotFound, errors.TooManyRequests, errors.Invalid, errors.BadRequest)
"""What keeps one message from being told, and no other."""
_UNREADABLE: Final = "nothing is routed by it"


@dataclass(slots=True)
class Routed:
    """What came of one router since its status was written."""

    stored: Stored
    count: int = 0
    reason: str = ""
    why: str = ""

    def failed(self, error: errors.TowpathError) -> None:
        """Take note of something that was not told."""
        self.reason, self.why = "NotTold", error.message
        if isinstance(error, ExpressionError):
            self.reason = "ExpressionFailed"
        elif isinstance(error, errors.NotFound):
            self.reason, self.why = "NoSuchChannel", f"spec.channels: {error.message}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is to be written, and whose it is."""

    came: Routed
    document: Document


class EventRouters:
    """Takes what happened, and writes the messages that follow from it: each has a name that follows from both."""

    name: Final = "event-routers"

    def __init__(
        self,
        store: Store,
        writer: SystemAuthority,
        clock: Clock,
        evaluations: Evaluations,
        *,
        ui_url: str = "",
    ) -> None:
        """`ui_url`: where people reach the web UI; empty: nobody has said."""
        self._ui_url = ui_url
        self._store = store
        self._writer = writer
        self._clock = clock
        self._evaluations = evaluations

    async def take(self, happened: Sequence[Happening]) -> None:
        """Write the messages for what happened; return once they are on the disk."""
        of: dict[str, list[Happening]] = defaultdict(list)
        for each in happened:
            of[each.project].append(each)
        for project, some in of.items():
            await self._of_project(project, some)

    async def _of_project(self, project: str, happened: Sequence[Happening]) -> None:
        page = await self._store.list(Query(kind=scheme.EVENT_ROUTER, namespace=project))
        routers = list(views(page.items, EventRouter, purpose=_UNREADABLE))
        if not routers:
            return
        came: dict[str, Routed] = {}
        told: list[Draft] = []
        for each in happened:
            scope: RouterScope | None = None
            for stored, router in routers:
                if _is_later(stored, each) or (
                    router.spec.types and each.type not in router.spec.types
                ):
                    continue
                if scope is None:
                    scope = RouterScope(
                        happened=each,
                        data=await self._data(each),
                        evaluations=self._evaluations,
                        now=self._clock.now(),
                        ui_url=self._ui_url,
                    )
                found = came.setdefault(stored.ref.name, Routed(stored))
                told += await self._route(stored, router, scope, found)
            if len(told) >= _AT_ONCE:
                await self._write(told)
                told = []
        await self._write(told)
        for found in came.values():
            await self._say(found)

    async def _route(
        self, stored: Stored, router: EventRouter, scope: RouterScope, came: Routed
    ) -> list[Draft]:
        """Return what one router tells of one thing; what is wrong is said on it, and keeps nothing else from being told."""
        try:
            if not await scope.matches(router.spec):
                return []
            group = await scope.group(router.spec)
        except ExpressionError as error:
            came.failed(error)
            return []
        told = []
        for place, channel in enumerate(router.spec.channels):
            try:
                document = await self._message(stored, router, scope, channel, group, place)
            except _NOT_TOLD as error:
                came.failed(error)
            else:
                told.append(Draft(came, document))
        return told

    async def _write(self, told: Sequence[Draft]) -> None:
        """Write messages in their order, all in one go, and take note of what came of each."""
        written = await self._writer.create_all([each.document for each in told], REQUESTER)
        for each, outcome in zip(told, written, strict=True):
            if isinstance(outcome, errors.AlreadyExists):
                continue  # it was told before: the place of the taker was not written down yet
            if isinstance(outcome, _NOT_TOLD):
                each.came.failed(outcome)
            elif isinstance(outcome, errors.TowpathError):
                raise outcome
            else:
                each.came.count += 1

    async def _message(
        self,
        stored: Stored,
        router: EventRouter,
        scope: RouterScope,
        channel: RouterChannel,
        group: str,
        place: int,
    ) -> Document:
        """Return what is told to one channel."""
        happened, project = scope.happened, stored.ref.namespace
        if channel.namespace not in ("", project):
            raise errors.NotFound(f"channels of {channel.namespace} are out of reach of {project}")
        ref = channel_ref(project, {"kind": channel.kind, "name": channel.name})
        receiver = receiver_of((await self._store.get(ref)).document.get("spec") or {})
        body, encoding = await scope.body(router.spec, channel, receiver)
        subject = told_events.sentence(happened)[:_LONGEST_SUBJECT].replace("\n", " ")
        spec = {
            "channel": {"kind": channel.kind, "name": channel.name},
            "body": body[:LONGEST_BODY],
            "encodingType": encoding,
            "smtp": {"subject": subject} if receiver == "smtp" and not encoding else None,
            "groupingKey": group[:LONGEST_KEY],
            "source": {"kind": "EventRouter", "name": stored.ref.name, "about": happened.name},
        }
        said = f"{stored.uid}/{place}/{channel.kind}/{channel.name}"
        digest = hashlib.sha256(said.encode()).hexdigest()[:12]
        name = f"{happened.name[:_LONGEST_NAME].rstrip('.-')}.{digest}"
        return document_of(name=name, project=project, spec=spec)

    async def _data(self, happened: Happening) -> Document | None:
        """Return what it happened to."""
        for kind, name in (
            (scheme.PROMOTION, happened.promotion if happened.type.startswith("Promotion") else ""),
            (scheme.FREIGHT, happened.freight),
            (scheme.STAGE, happened.stage),
        ):
            if name:
                try:
                    return (await self._store.get(Ref(kind, happened.project, name))).document
                except errors.NotFound:
                    return None
        return None

    async def _say(self, came: Routed) -> None:
        now = moments.whole_seconds(self._clock.now())

        def changed(before: Document) -> Document:
            found = view(EventRouterStatus, before)
            found.routed += came.count
            if came.count:
                found.last_routed = now
            generation = int(came.stored.document["metadata"].get("generation") or 0)
            found.observed_generation = generation
            if came.reason or came.count:
                wanted = Condition(
                    type="Ready",
                    status="False" if came.reason else "True",
                    reason=came.reason or "Routing",
                    message=came.why or "what happens is told",
                    last_transition_time=now,
                    observed_generation=generation,
                )
                found.conditions = with_condition(found.conditions, wanted)
            made: Document = to_document(found)
            return made

        try:
            await self._writer.set_status(came.stored.ref, changed, REQUESTER)
        except errors.NotFound:
            return


def _is_later(router: Stored, happened: Happening) -> bool:
    """Whether a router was made after something happened: it tells of nothing that was before it."""
    made = moments.read(router.document["metadata"].get("creationTimestamp"))
    at = moments.read(happened.time)
    return made is not None and at is not None and made > at
