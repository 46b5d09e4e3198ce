"""Connections of both kinds to a stand-in Argo CD: live, lost and found again, refused, and within their rights."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.argocd_standin import NAMESPACE, StandIn, application, standing
from tests.support.argocd_ways import manifests
from towpath import errors
from towpath.argocd.connections import ApplicationChange, Connections
from towpath.argocd.definition import ByKubernetes, ByRest, Definition
from towpath.argocd.opening import ConnectionOpening
from towpath.argocd.reach import State
from towpath.clients.argocd.opening import ConnectionSurroundings
from towpath.clients.argocd.server_access import Bearer, ServerAccess
from towpath.demo.argocd.accounts import Account, rules_of
from towpath.demo.argocd.policies import AccessPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from towpath.argocd.connection import NamedConnection

BOTH = pytest.mark.parametrize("by", ["kubernetes", "rest"])
PROMOTION = [{"name": "kargo.akuity.io/promotion", "value": "p"}]


@dataclass
class World:
    """A stand-in, and connections to it."""

    standin: StandIn
    folder: Path
    told: list[ApplicationChange] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        around = ConnectionSurroundings(clock=self.standin.clock)
        self.all = Connections(ConnectionOpening(around), self.standin.clock, jitter=lambda: 0.5)
        self.all.listen(self._changed, lambda _: self.news.set())

    def _changed(self, change: ApplicationChange) -> None:
        self.told.append(change)
        self.news.set()

    def token(self, account: Account) -> Path:
        """Return a file with a token of an account."""
        file = self.folder / f"{account.name}.token"
        file.write_text(self.standin.installation.around.accounts.add(account))
        return file

    def connect(
        self,
        by: str,
        name: str = "prod",
        *,
        token: Path | None = None,
        namespaces: tuple[str, ...] = (),
    ) -> NamedConnection:
        """Connect to the stand-in, as the administrator where nobody is named."""
        installation = self.standin.installation
        front = installation.kubernetes if by == "kubernetes" else installation.rest
        bearer = Bearer(token_file=token) if token else Bearer(token=installation.token)
        server = ServerAccess(server=front.url, bearer=bearer, source="a test")
        access = (
            ByKubernetes(server=server, namespaces=namespaces)
            if by == "kubernetes"
            else ByRest(server=server)
        )
        return self.all.define(Definition(name=name, access=access, projects=("*",)))

    async def watched(self, connection: NamedConnection) -> None:
        """Return once changes come as they happen: the watch is open."""
        await self.until(lambda: connection.is_current)
        heard = connection.reach.counts.events
        for number in range(100):
            self.standin.put(application("web", path="test", revisionHistoryLimit=number))
            await self.standin.clock.advance(0.1)
            if connection.reach.counts.events > heard:
                return
        pytest.fail("no change is told")

    async def until(self, holds: Callable[[], object]) -> None:
        """Return once something holds: it is looked at when a connection has something to tell."""
        async with asyncio.timeout(30):
            while not holds():
                await self.news.wait()
                self.news.clear()

    async def until_in_time(self, holds: Callable[[], object], seconds: int) -> None:
        """The same, while virtual time passes."""
        for _ in range(seconds * 10):
            if holds():
                return
            await self.standin.clock.advance(0.1)
        pytest.fail(f"it has not come to that in {seconds} s")


@asynccontextmanager
async def world(folder: Path, *names: str, **settings: Any) -> AsyncIterator[World]:
    """Run a stand-in with Applications that were looked at."""
    async with standing(folder, **settings) as standin:
        for name in names:
            standin.put(application(name))
        await standin.settle()
        made = World(standin, folder)
        try:
            yield made
        finally:
            await made.all.close()


def health(connection: NamedConnection, name: str = "web") -> str:
    """Return the health of an Application, as it is known."""
    found = connection.index.get(NAMESPACE, name) or {}
    return str(((found.get("status") or {}).get("health") or {}).get("status") or "")


@BOTH
async def test_what_happens_is_known_at_once(tmp_path: Path, by: str) -> None:
    """What is there, what is asked for, what becomes of it, and what goes."""
    async with world(tmp_path, "web", "other") as it:
        found = it.connect(by)
        await it.until(lambda: found.is_current)
        assert len(found.index) == 2
        listed = await found.api.find(NAMESPACE, "")
        assert [each["metadata"]["name"] for each in listed] == ["other", "web"]
        seen = await found.api.get(NAMESPACE, "web") or {}
        await found.api.patch(
            NAMESPACE,
            "web",
            {
                "metadata": {
                    "resourceVersion": seen["metadata"]["resourceVersion"],
                    "annotations": {"argocd.argoproj.io/refresh": "hard"},
                },
                "spec": {"syncPolicy": {"retry": {"limit": 1}}},
                "operation": {"sync": {"prune": True}, "info": PROMOTION},
                "status": {"operationState": None},
            },
        )
        await it.standin.settle(10)
        await it.until(lambda: health(found) == "Healthy")
        state = (found.index.get(NAMESPACE, "web") or {})["status"]["operationState"]
        assert (state["phase"], state["operation"]["info"]) == ("Succeeded", PROMOTION)
        assert state["operation"]["sync"]["prune"] is True
        it.standin.installation.objects.delete(it.standin.key("other"))
        await it.until(lambda: not found.index.has(NAMESPACE, "other"))
        assert (await found.api.project(NAMESPACE, "default") or {})["metadata"][
            "name"
        ] == "default"


@BOTH
async def test_one_version_is_changed_or_none(tmp_path: Path, by: str) -> None:
    """Somebody else may have been faster."""
    async with world(tmp_path, "web") as it:
        found = it.connect(by)
        await it.until(lambda: found.is_current)
        patch = {"metadata": {"resourceVersion": "1"}, "spec": {"project": "other"}}
        with pytest.raises(errors.Conflict, match="prod: patch of Application argocd/web"):
            await found.api.patch(NAMESPACE, "web", patch)
        assert it.standin.get()["spec"]["project"] == "default"


@BOTH
async def test_a_refresh_is_a_comparison(tmp_path: Path, by: str) -> None:
    """Asked for, made, and heard of."""
    async with world(tmp_path, "web") as it:
        found = it.connect(by)
        await it.until(lambda: found.is_current)
        before = it.standin.status()["reconciledAt"]
        await it.standin.clock.advance(5)
        asked = asyncio.create_task(found.refresh(NAMESPACE, "web", "hard"))
        await it.until(lambda: asked.done() or it.standin.status()["reconciledAt"] != before)
        assert await asked
        await it.standin.settle()

        def looked() -> bool:
            known = found.index.get(NAMESPACE, "web") or {}
            return bool(known["status"]["reconciledAt"] != before)

        await it.until(looked)


@BOTH
async def test_a_dropped_watch_is_taken_up_again(tmp_path: Path, by: str) -> None:
    """What happened meanwhile is known afterwards, and nobody is told that it was down."""
    async with world(tmp_path, "web", "gone") as it:
        found = it.connect(by)
        await it.watched(found)
        it.standin.faults.drop_streams()
        it.standin.put(application("new"))
        it.standin.installation.objects.delete(it.standin.key("gone"))
        await it.until_in_time(
            lambda: found.index.keys() == {(NAMESPACE, "web"), (NAMESPACE, "new")}, 20
        )
        assert found.reach.state is State.CONNECTED
        assert found.reach.counts.interruptions >= 1


async def test_a_position_that_is_forgotten_begins_anew(tmp_path: Path) -> None:
    """410: the server has kept fewer changes than there were."""
    async with world(tmp_path, "web", kept_changes=3) as it:
        found = it.connect("kubernetes")
        await it.watched(found)
        it.standin.faults.is_away = True
        it.standin.faults.drop_streams()
        for number in range(10):
            it.standin.put(application(f"new{number}"))
        it.standin.installation.objects.delete(it.standin.key("web"))
        it.standin.faults.is_away = False
        await it.until_in_time(
            lambda: len(found.index) == 10 and not found.index.has(NAMESPACE, "web"), 30
        )
        assert found.reach.counts.snapshots == 2


@BOTH
async def test_an_installation_goes_away_and_returns(tmp_path: Path, by: str) -> None:
    """It says so, the other one goes on, and it comes back by itself."""
    async with world(tmp_path / "one", "web") as it, world(tmp_path / "two", "web") as other:
        found, steady = it.connect(by), other.connect(by)
        await it.watched(found)
        await other.until(lambda: steady.is_current)
        front = (
            it.standin.installation.kubernetes
            if by == "kubernetes"
            else it.standin.installation.rest
        )
        await front.close()
        await it.until_in_time(lambda: found.reach.state is State.DOWN, 20)
        assert "cannot be reached" in found.reach.error
        asking = asyncio.create_task(found.application(NAMESPACE, "web"))
        await it.until_in_time(asking.done, 20)
        with pytest.raises(errors.Unavailable, match="prod: Application argocd/web"):
            await asking
        assert steady.is_current
        assert await steady.application(NAMESPACE, "web") is not None
        await front.open()
        await it.until_in_time(lambda: found.is_current, 120)
        assert found.reach.error == ""


@BOTH
async def test_where_watching_is_refused_it_is_polled(tmp_path: Path, by: str) -> None:
    """And watched as soon as that is allowed."""
    async with world(tmp_path, "web") as it:
        it.standin.faults.refuses_watches = True
        found = it.connect(by)
        await it.until(lambda: found.reach.state is State.POLLING)
        it.standin.put(application("new"))
        await it.until_in_time(lambda: found.index.has(NAMESPACE, "new"), 60)
        assert found.reach.state is State.POLLING
        it.standin.faults.refuses_watches = False
        await it.until_in_time(lambda: found.reach.counts.snapshots >= 3, 60)
        it.standin.put(application("newer"))
        await it.until(lambda: found.index.has(NAMESPACE, "newer"))
        await it.until(lambda: found.reach.state is State.CONNECTED)


@BOTH
async def test_a_token_that_ends_is_renewed_from_its_file(tmp_path: Path, by: str) -> None:
    """Until then it is said what is wrong."""
    async with world(tmp_path, "web") as it:
        admin = it.standin.installation.around.accounts.caller(
            f"Bearer {it.standin.installation.token}"
        )
        file = it.token(Account("short", admin.rules, admin.policies))
        found = it.connect(by, token=file)
        await it.watched(found)
        it.standin.installation.around.accounts.remove(file.read_text())
        it.standin.faults.drop_streams()
        await it.until_in_time(lambda: found.reach.state is State.DOWN, 30)
        assert "answered 401" in found.reach.error
        assert file.read_text() not in found.reach.error
        it.token(Account("short", admin.rules, admin.policies))
        await it.until_in_time(lambda: found.is_current, 120)


async def test_the_role_of_least_rights_is_enough_in_its_namespace(tmp_path: Path) -> None:
    """And opens no other one."""
    async with world(tmp_path, "web") as it:
        rules = rules_of(manifests("kubernetes.yaml"), "towpath", namespace=NAMESPACE)
        file = it.token(Account("towpath", rules))
        found = it.connect("kubernetes", token=file, namespaces=(NAMESPACE,))
        await it.until(lambda: found.is_current)
        await found.api.patch(NAMESPACE, "web", {"operation": {"sync": {}}})
        await found.api.event(
            await found.api.get(NAMESPACE, "web") or {}, "OperationStarted", "began"
        )
        assert await found.api.project(NAMESPACE, "default") is not None
        with pytest.raises(errors.Forbidden, match=r"deploy/argocd/kubernetes\.yaml"):
            await found.api.get("elsewhere", "web")
        everywhere = it.connect("kubernetes", "all", token=file)
        await it.until(lambda: everywhere.reach.state is State.DOWN)
        assert "answered 403" in everywhere.reach.error


async def test_the_policy_of_least_rights_is_enough(tmp_path: Path) -> None:
    """For everything that is asked of Argo CD's own API."""
    async with world(tmp_path, "web") as it:
        text = manifests("rest.yaml")[1]["data"]["policy.towpath.csv"]
        lines = [line for line in text.splitlines() if line.startswith("p,")]
        policies = tuple(map(AccessPolicy.read, lines))
        found = it.connect("rest", token=it.token(Account("towpath", policies=policies)))
        await it.until(lambda: found.is_current)
        await found.api.patch(
            NAMESPACE, "web", {"spec": {"syncPolicy": {}}, "operation": {"sync": {}}}
        )
        assert await found.api.project(NAMESPACE, "default") is not None
        # Argo CD does not tell what is not there from what one may not see; the index does.
        assert await found.application(NAMESPACE, "gone") is None
        with pytest.raises(errors.Forbidden, match="or there is no such Application"):
            await found.api.get(NAMESPACE, "gone")


@BOTH
async def test_an_application_of_three_megabytes_is_one_like_others(
    tmp_path: Path, by: str
) -> None:
    """Of which little is kept."""
    async with world(tmp_path, "web") as it:
        it.standin.faults.padding_bytes = 3_000_000
        it.standin.refresh()
        await it.standin.settle()
        found = it.connect(by)
        await it.until(lambda: found.is_current)
        assert found.index.bytes < 4_000
        it.standin.refresh()
        await it.standin.settle()
        await it.until(lambda: found.reach.counts.events >= 1)
        assert len(str(await found.api.get(NAMESPACE, "web"))) > 3_000_000


@BOTH
async def test_errors_of_the_server_are_told_with_what_helps(tmp_path: Path, by: str) -> None:
    """A change is not sent twice."""
    async with world(tmp_path, "web") as it:
        found = it.connect(by)
        await it.watched(found)
        it.standin.faults.statuses.append(500)
        with pytest.raises(
            errors.Unavailable,
            match=r"Argo CD connection prod: .*argocd/web: answered 500 .on demand",
        ):
            await found.api.patch(NAMESPACE, "web", {"operation": {"sync": {}}})
        assert "operation" not in it.standin.get()
