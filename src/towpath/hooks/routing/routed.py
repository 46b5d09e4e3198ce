"""What one router makes of one thing that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.expressions import ExpressionError, gotext
from towpath.rules import told_events
from towpath.rules.told_events import ENVIRONMENT, FUNCTIONS, TYPES

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.expressions import Need
    from towpath.resources.event_router import EventRouterSpec, RouterChannel
    from towpath.resources.happening import Happening
    from towpath.runtime.evaluation import Evaluations
    from towpath.store.contract import Document


async def _nothing(_need: Need) -> None:
    """There is no data to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterScope:
    """Evaluates what a router says of what happened."""

    happened: Happening
    data: Document | None
    """What it happened to, if that is still there."""
    evaluations: Evaluations
    now: datetime
    ui_url: str = ""
    """Where people reach the web UI; empty: nobody has said."""

    @property
    def event(self) -> dict[str, Any]:
        """What happened, as routers see it."""
        return told_events.event_of(self.happened)

    async def matches(self, spec: EventRouterSpec) -> bool:
        """Return whether a router tells of it. Raises ExpressionError."""
        if spec.types and self.happened.type not in spec.types:
            return False
        if not spec.when:
            return True
        try:
            caller = self.happened.project
            program = await self.evaluations.program(spec.when, TYPES, caller=caller)
            found = await self._evaluated(program)
        except ExpressionError as error:
            raise ExpressionError(f"spec.when: {error.message}") from error
        if not isinstance(found, bool):
            raise ExpressionError("spec.when: it must come to true or false")
        return found

    async def group(self, spec: EventRouterSpec) -> str:
        """Return the key of the group that it belongs to; empty if it belongs to none. Raises ExpressionError."""
        return await self._text("spec.groupingKey", spec.grouping_key) if spec.grouping_key else ""

    async def body(
        self, spec: EventRouterSpec, channel: RouterChannel, receiver: str
    ) -> tuple[str, str]:
        """Return what a channel is told, and how that is encoded. Raises ExpressionError."""
        if channel.output:
            where = f"spec.channels: {channel.name}: output"
            return await self._text(where, channel.output), channel.encoding_type
        if spec.output:
            return await self._text("spec.output", spec.output), spec.encoding_type
        return told_events.default_body(self.happened, receiver, self.event)

    async def _text(self, where: str, source: str) -> str:
        try:
            template = await self.evaluations.template(
                source, ENVIRONMENT, caller=self.happened.project
            )
            found = await self._evaluated(template)
        except ExpressionError as error:
            raise ExpressionError(f"{where}: {error.message}") from error
        return found if isinstance(found, str) else gotext.json_text(found)

    async def _evaluated(self, program: Any) -> Any:
        env = {
            "type": self.happened.type,
            "event": self.event,
            "data": self.data or {},
            "ctx": {"uiBaseURL": self.ui_url},
        }
        return await self.evaluations.evaluate(
            program,
            env,
            FUNCTIONS,
            load=_nothing,
            now=self.now,
            caller=self.happened.project,
            only_light=True,
        )
