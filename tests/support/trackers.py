"""Runs steps about trackers through the doors of a Promotion against stand-ins, with a journal that outlives a crash."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.support import steps
from tests.support.servicenow import SnowInstance
from tests.support.tracker_contracts import JiraObserver, SnowObserver
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.demo.jira.server import TOKEN, USER, JiraServer
from towpath.demo.jira.site import JiraSite
from towpath.promotion.disclosed import Disclosed
from towpath.promotion.doors.jira import ConnectedJira
from towpath.promotion.doors.recording.jira import RecordedJira
from towpath.promotion.doors.recording.recorder import Recorder
from towpath.promotion.doors.recording.servicenow import RecordedServiceNow
from towpath.promotion.doors.servicenow import ConnectedServiceNow
from towpath.promotion.doors.trackers import Trackers
from towpath.promotion.step import Waiting
from towpath.promotion.step_registry import StepRegistry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from towpath.promotion.effects.objects import NotedKind
    from towpath.promotion.step import Outcome
    from towpath.resources.kinds import Ref

REGISTRY = StepRegistry.installed()
SECRETS = {"secretName": "tracker"}
SNOW_BASIC = {"secretName": "tracker", "type": "basic"}
SNOW_KEY = {"secretName": "tracker", "type": "api-token"}


class HurriedClock(VirtualClock):
    """A clock on which whoever sleeps is awake at once, and it is as much later."""

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        await self.advance(max(0.0, seconds))


@dataclass
class Notes:
    """A journal of one step that a crash leaves as it is."""

    kept: dict[str, Any] = field(default_factory=dict)

    def noted(self, key: str) -> Any | None:
        """Return what was noted."""
        return self.kept.get(key)

    async def note(self, key: str, value: Any, *, effect: Any) -> None:
        """Keep it."""
        assert effect
        self.kept[key] = value


@dataclass
class OneSecret:
    """Stands for all Secrets: each of them has these values."""

    values: dict[str, str] | None
    opened: list[str] = field(default_factory=list)

    async def open_secret(self, ref: Ref, *, actor: str, reason: str) -> dict[str, str] | None:
        """Return the values."""
        self.opened.append(f"{ref.namespace}/{ref.name} by {actor} for {reason}")
        return self.values

    def is_sent_to(self, url: str) -> bool:
        """Whether a credential may go there."""
        return not url.startswith("http://")


@dataclass
class Metadata:
    """The door to objects, as far as metadata of Freight goes."""

    kept: dict[str, Any] = field(default_factory=dict)

    async def set_metadata(self, kind: NotedKind, name: str, values: dict[str, Any]) -> None:
        """Keep them."""
        self.kept[f"{kind}/{name}"] = values


@dataclass
class TrackerBench:
    """One Promotion's surroundings."""

    root: Path
    egress: Egress
    clock: HurriedClock
    secret: OneSecret
    notes: Notes = field(default_factory=Notes)
    metadata: Metadata = field(default_factory=Metadata)
    recorder: Recorder = field(default_factory=Recorder)
    disclosed: Disclosed = field(default_factory=Disclosed)

    former: dict[str, Any] = field(default_factory=dict)
    """What the step has put out so far."""

    def __post_init__(self) -> None:
        self._trackers = Trackers(egress=self.egress, credentials=self.secret, clock=self.clock)  # type: ignore[arg-type] # as far as doors need it

    async def run(self, name: str, config: dict[str, Any], *, planned: bool = False) -> Outcome:
        """Run a step once, as after a crash if it was run before."""
        trackers = self._trackers.of(
            "shop", self.disclosed, actor="controller:promotion", whom="Promotion p"
        )
        mark = "shop/p/step-1"
        jira: Any = ConnectedJira(trackers, mark=mark, journal=self.notes, clock=self.clock)
        snow: Any = ConnectedServiceNow(trackers, mark=mark, journal=self.notes, clock=self.clock)
        if planned:
            jira = RecordedJira(self.recorder, "step-1", trackers, jira)
            snow = RecordedServiceNow(self.recorder, "step-1", trackers, snow)
        found = REGISTRY.find(name)
        assert found is not None
        outcome = await steps.run(
            found.step,
            self.root,
            config,
            effects=SimpleNamespace(jira=jira, servicenow=snow, objects=self.metadata),
            target_freight="f-1",
            former=self.former,
        )
        if not isinstance(outcome, Waiting) or outcome.output is not None:
            self.former = outcome.output or {}
        return outcome

    @property
    def planned(self) -> list[str]:
        """What a plan has recorded."""
        return [f"{each.operation} {each.what}" for each in self.recorder.calls]


@contextlib.asynccontextmanager
async def bench(root: Path, url: str, values: dict[str, str] | None) -> AsyncIterator[TrackerBench]:
    """Yield a bench whose Secret has some values, beside the address of a server that may be reached."""
    clock = HurriedClock()
    async with Egress(clock=clock, allow=[url.partition("//")[2]]) as egress:
        yield TrackerBench(root, egress, clock, OneSecret(values))


@dataclass
class JiraBench(TrackerBench):
    """The same with a Jira."""

    server: JiraServer = None  # type: ignore[assignment] # set by `jira`

    @property
    def site(self) -> JiraSite:
        """What Jira knows."""
        return self.server.site

    async def jira(self, *, planned: bool = False, **operation: Any) -> Outcome:
        """Run the step with one operation."""
        return await self.run("jira", {"credentials": SECRETS, **operation}, planned=planned)


@contextlib.asynccontextmanager
async def jira(root: Path, *, is_cloud: bool = True, **secret: str) -> AsyncIterator[JiraBench]:
    """Yield a bench with a Jira that has the project SHOP; each request is held against its description at the end."""
    observer = JiraObserver()
    clock = HurriedClock()
    site = JiraSite(now=clock.now)
    site.project("SHOP", "Shop")
    server = JiraServer(site, is_cloud=is_cloud, observe=observer if is_cloud else None)
    values = {"domain": server.url, "username": USER, "password": TOKEN, **secret}
    try:
        async with Egress(clock=clock, allow=[server.url.partition("//")[2]]) as egress:
            yield JiraBench(root, egress, clock, OneSecret(values), server=server)
    finally:
        server.close()
    assert observer.problems == [], observer.problems


@dataclass
class SnowBench(TrackerBench):
    """The same with a ServiceNow."""

    instance: SnowInstance = None  # type: ignore[assignment] # set by `servicenow`


@contextlib.asynccontextmanager
async def servicenow(root: Path, **secret: str) -> AsyncIterator[SnowBench]:
    """Yield a bench with a ServiceNow; each answer is held against its description at the end."""
    observer = SnowObserver()
    clock = HurriedClock()
    instance = SnowInstance(observe=observer)
    values = {**instance.secret("tracker", "shop")["stringData"], **secret}
    try:
        async with Egress(clock=clock, allow=[instance.url.partition("//")[2]]) as egress:
            yield SnowBench(root, egress, clock, OneSecret(values), instance=instance)
    finally:
        instance.close()
    assert observer.problems == [], observer.problems
