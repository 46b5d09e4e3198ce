"""An overview that is kept up to date is the one that would be made anew, whatever is written, and whenever it is asked for."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.stores import document, opened
from towpath.admission.authorizer import Authorizer
from towpath.clock import VirtualClock
from towpath.demo.worlds import documents
from towpath.demo.worlds.documents import MadeVersion
from towpath.resources import moments, scheme
from towpath.resources.kinds import Ref
from towpath.rules.board import sight
from towpath.rules.board.sight import Named, Sight
from towpath.rules.rbac import MASTERS, User
from towpath.screens.overview_scope import OverviewScope
from towpath.screens.overviews import Overviews
from towpath.screens.screens import Screens
from towpath.store.contract import Query

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.resources.kinds import Kind
    from towpath.store.contract import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROJECTS = ("alpha", "beta", "gamma", "delta")
STAGES = ("dev", "test", "prod")
MASTER = User("admin", (MASTERS,))
SOME = Sight(
    stages=Named(names=frozenset({"dev", "prod"})),
    promotions=Named(),
    edit=Named(),
    delete=Named(names=frozenset({"prod"})),
)
SCOPES = (
    OverviewScope(tuple((name, sight.ALL) for name in PROJECTS)),
    OverviewScope((("beta", sight.ALL), ("delta", SOME), ("nowhere", sight.ALL))),
    OverviewScope(tuple((name, SOME) for name in reversed(PROJECTS))),
)


class World:
    """Writes something or other."""

    def __init__(self, store: Store, clock: VirtualClock, chance: random.Random) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._number = 0

    async def write(self) -> None:
        """Do one thing to one Project."""
        project = self._chance.choice(PROJECTS)
        await self._chance.choice(
            (
                self.project,
                self._stage,
                self._stage,
                self._freight,
                self._freight,
                self._freight,
                self._held,
                self._held,
                self._promotion,
                self._promotion,
                self._warehouse,
                self._removed,
                self._task,
                self._time,
            )
        )(project)

    async def _put(self, made: dict[str, Any]) -> None:
        kind = scheme.find(made["apiVersion"], made["kind"])
        assert kind is not None
        ref = Ref(kind, made["metadata"].get("namespace", ""), made["metadata"]["name"])
        status = made.pop("status", None)
        if not await _is_there(self._store, ref):
            await self._store.create(made, actor="test")
        else:
            before = (await self._store.get(ref)).document
            labels = made["metadata"].get("labels", {})
            await self._store.update(
                {**before, **made, "metadata": {**before["metadata"], "labels": labels}},
                actor="test",
            )
        if status is not None:
            stored = (await self._store.get(ref)).document
            await self._store.update_status({**stored, "status": status}, actor="test")

    async def project(self, name: str) -> None:
        """Write a Project and what every Project has."""
        await self._put(documents.namespace(name))
        await self._put(documents.project(name, team=self._chance.choice("abc")))
        await self._put(documents.warehouse(name))

    async def _stage(self, project: str) -> None:
        place = self._chance.randrange(len(STAGES))
        up = STAGES[place - 1] if place and self._chance.random() < 0.8 else ""
        soak = self._chance.choice(("", "10m", "1h")) if up else ""
        made = documents.stage(project, STAGES[place], STAGES[place], up, {}, soak=soak)
        made.pop("status")
        if self._chance.random() < 0.3:
            task = {"task": {"name": "steps"}, "as": "made"}
            made["spec"]["promotionTemplate"] = {"spec": {"steps": [task]}}
        await self._put(made)

    def _version(self, project: str) -> MadeVersion:
        return MadeVersion(
            project=project,
            number=self._chance.randrange(6),
            at=NOW + timedelta(minutes=self._chance.randrange(3)),
        )

    async def _freight(self, project: str) -> None:
        verified = {
            stage: {"verifiedAt": moments.whole_seconds(self._clock.now())}
            for stage in STAGES
            if self._chance.random() < 0.4
        }
        since = {
            stage: {"since": moments.whole_seconds(self._clock.now())}
            for stage in STAGES
            if self._chance.random() < 0.3
        }
        status = {"verifiedIn": verified, "currentlyIn": since}
        await self._put(documents.freight(self._version(project), status))

    async def _held(self, project: str) -> None:
        ref = Ref(scheme.STAGE, project, self._chance.choice(STAGES))
        if not await _is_there(self._store, ref):
            return
        stored = (await self._store.get(ref)).document
        health = self._chance.choice(("Healthy", "Unhealthy", "Progressing"))
        status: dict[str, Any] = {"health": {"status": health}}
        if self._chance.random() < 0.7:
            status["freightHistory"] = [self._version(project).collection]
        await self._store.update_status({**stored, "status": status}, actor="test")

    async def _promotion(self, project: str) -> None:
        self._number += 1
        phase = self._chance.choice(("", "Running", "Succeeded", "Failed"))
        status: dict[str, Any] = {"phase": phase} if phase else {}
        if phase in ("Succeeded", "Failed"):
            status["finishedAt"] = moments.whole_seconds(self._clock.now())
        stage = self._chance.choice(STAGES)
        await self._put(
            documents.promotion(
                self._version(project),
                stage,
                self._clock.now(),
                status,
                actor="jo",
                number=self._number,
            )
        )

    async def _warehouse(self, project: str) -> None:
        ref = Ref(scheme.WAREHOUSE, project, documents.WAREHOUSE)
        if not await _is_there(self._store, ref):
            return
        condition = {
            "type": "Ready",
            "status": self._chance.choice(("True", "False")),
            "reason": "Test",
            "message": self._chance.choice(("a", "b")),
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
        stored = (await self._store.get(ref)).document
        await self._store.update_status(
            {**stored, "status": {"conditions": [condition]}}, actor="test"
        )

    async def _removed(self, project: str) -> None:
        kinds = (scheme.STAGE, scheme.FREIGHT, scheme.PROMOTION, scheme.PROJECT)
        kind: Kind = self._chance.choice(kinds)
        space = project if kind.namespaced else None
        found = (await self._store.list(Query(kind=kind, namespace=space))).items
        if found:
            await self._store.delete(self._chance.choice(found).ref, actor="test")

    async def _task(self, project: str) -> None:
        kind = self._chance.choice((scheme.PROMOTION_TASK, scheme.CLUSTER_PROMOTION_TASK))
        ref = Ref(kind, project if kind.namespaced else "", "steps")
        if await _is_there(self._store, ref):
            await self._store.delete(ref, actor="test")
            return
        steps = [{"uses": self._chance.choice(("fail", "compose-output"))}]
        await self._put(document(kind, "steps", project, spec={"steps": steps}))

    async def _time(self, _: str) -> None:
        await self._clock.advance(self._chance.choice((60, 700, 4_000)))


async def _is_there(store: Store, ref: Ref) -> bool:
    query = Query(kind=ref.kind, namespace=ref.namespace or None)
    return any(each.ref == ref for each in (await store.list(query)).items)


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_kept_is_what_would_be_made_anew(tmp_path: Path, seed: int) -> None:
    """For whoever sees all or some of it; after one write or several."""
    chance, clock = random.Random(seed), VirtualClock(NOW)
    async with opened(tmp_path, clock=clock) as store:
        kept = Screens(store, clock)
        world = World(store, clock, chance)
        for name in PROJECTS:
            await world.project(name)
        for _ in range(60):
            for _ in range(chance.choice((1, 1, 2, 5))):
                await world.write()
            anew = Overviews(store, kept.projects, kept.boards, clock)
            for scope in SCOPES:
                if chance.random() < 0.3:
                    continue  # some are asked for rarely
                await kept.projects.catch_up()
                found, _ = await kept.overviews.document(scope)
                wanted, _ = await anew.document(scope)
                assert found["projects"] == wanted["projects"]
                assert list(found["projects"]) == list(wanted["projects"])
                assert found["envs"] == wanted["envs"]
                assert found["moves"] == wanted["moves"]
                waiting, _ = await kept.overviews.waiting(scope).document()
                assert waiting == (await anew.waiting(scope).document())[0]
                again, _ = await kept.overviews.document(scope)
                assert again is found
                told = json.loads((await kept.overviews.packed(scope)).body({"rev": 1}))
                ordered = [found["projects"][name] for name in sorted(found["projects"])]
                assert told == {"rev": 1, **found, "projects": ordered}
            everyone = await kept.overviews.scope(Authorizer(store), MASTER)
            there = (await store.list(Query(kind=scheme.PROJECT))).items
            assert [name for name, _ in everyone.sights] == [each.ref.name for each in there]
        await kept.close()


async def test_a_project_that_was_dropped_is_read_again_when_it_is_written(tmp_path: Path) -> None:
    """And not before: what is known of it is shown meanwhile."""
    clock = VirtualClock(NOW)
    async with opened(tmp_path, clock=clock) as store:
        screens = Screens(store, clock)
        world = World(store, clock, random.Random(0))
        for name in PROJECTS:
            await world.project(name)
        scope = SCOPES[0]
        first, _ = await screens.overviews.document(scope)
        screens.projects._most = 0
        await screens.board("alpha", sight.ALL)
        await screens.projects.project("nowhere")  # for which all others are dropped
        assert screens.projects.known("beta") is None
        assert (await screens.overviews.document(scope))[0] is first
        assert screens.projects.known("beta") is None
        made = documents.stage("beta", "dev", "dev", "", {})
        made.pop("status")
        await store.create(made, actor="test")
        await screens.projects.catch_up()
        second, _ = await screens.overviews.document(scope)
        assert list(second["projects"]["beta"]["cells"]) == ["dev"]
        assert second["projects"]["alpha"] is first["projects"]["alpha"]
        await screens.close()
