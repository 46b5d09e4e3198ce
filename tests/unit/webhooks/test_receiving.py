"""Deliveries of webhooks: who looks because of them, who may deliver, and what is kept."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.deliveries import (
    SECRET,
    config_document,
    git_warehouse,
    path_of,
    push,
    receiver,
    secret_document,
    signed,
)
from tests.support.pipeline import (
    HOOKS_URL,
    IMAGE,
    PROJECT,
    project_document,
    running,
    warehouse_document,
)
from tests.support.serving import client
from towpath.admission import namespaces
from towpath.errors import BadRequest, Unavailable
from towpath.resources import cluster_config, scheme
from towpath.resources.annotations import REFRESH
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES
from towpath.rules import polling, wake_keys
from towpath.runtime.keyed_waits import KeyedWaits
from towpath.webhooks import intake, receipts
from towpath.webhooks.receivers import NoReceiver
from towpath.webhooks.receiving import WebhookDelivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

CONFIG = Ref(scheme.PROJECT_CONFIG, PROJECT, PROJECT)
GITHUB = path_of("github")


@asynccontextmanager
async def _world(
    folder: Path, *receivers: dict[str, Any]
) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder) as world, client(world, "") as stranger:
        await namespaces.ensure_system(world.store, actor="test")
        await world.apply(project_document(), secret_document())
        await world.apply(config_document(*(receivers or [receiver("github")])))
        await world.settled()
        yield world, stranger


async def _token(world: Pipeline, name: str) -> str:
    stored = await world.store.get(Ref(scheme.WAREHOUSE, PROJECT, name))
    annotations = stored.document["metadata"].get("annotations") or {}
    return str(annotations.get(REFRESH) or "")


async def _woken(world: Pipeline, *names: str) -> list[str]:
    """Return those of some Warehouses that were asked to look."""
    return [name for name in names if await _token(world, name)]


async def _pushed(stranger: httpx.AsyncClient, body: bytes, **more: Any) -> httpx.Response:
    return await stranger.post(GITHUB, content=body, headers=signed(body), **more)


async def _receipts(world: Pipeline, name: str = "github") -> list[dict[str, Any]]:
    uid = (await world.store.get(CONFIG)).uid
    return [json.loads(each.record) for each in await world.store.receipts.of(uid, name)]


class TestWhoLooks:
    """Who looks."""

    async def test_those_whose_repository_and_branch_it_is(self, tmp_path: Path) -> None:
        """Those whose repository and branch it is."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(
                git_warehouse("ssh", "git@github.example:acme/shop.git", branch="main"),
                git_warehouse("written", "https://github.example/ACME/shop", branch="main"),
                git_warehouse("branch", branch="other"),
                git_warehouse("elsewhere", "https://github.example/acme/other.git"),
                warehouse_document("image"),
            )
            body = json.dumps(
                {
                    "ref": "refs/heads/main",
                    "repository": {
                        "clone_url": "https://github.example/acme/shop.git",
                        "ssh_url": "git@github.example:acme/shop.git",
                    },
                }
            ).encode()
            answer = await _pushed(stranger, body)
            assert (answer.status_code, answer.json()) == (200, {"msg": "refreshed 2 warehouse(s)"})
            every = ("ssh", "written", "branch", "elsewhere", "image")
            assert await _woken(world, *every) == ["ssh", "written"]
            (record,) = await _receipts(world)
            assert record["passed"] == [
                {
                    "project": PROJECT,
                    "name": "branch",
                    "why": "refs/heads/main: the subscription is to branch other",
                }
            ]

    async def test_the_default_branch_is_the_one_that_the_sender_tells(
        self, tmp_path: Path
    ) -> None:
        """The default branch is the one that the sender tells."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse())
            body = json.dumps(
                {
                    "ref": "refs/heads/trunk",
                    "repository": {
                        "clone_url": "https://github.example/acme/shop.git",
                        "default_branch": "trunk",
                    },
                }
            ).encode()
            await _pushed(stranger, body)
            assert await _woken(world, "git") == ["git"]

    @pytest.mark.parametrize(
        ("files", "is_woken"),
        [
            (["charts/web/values.yaml"], True),
            (["README.md"], False),
            (["charts/web/docs/x.md"], False),
            ([], True),
        ],
    )
    async def test_paths_are_held_against_the_files_that_were_pushed(
        self, tmp_path: Path, files: list[str], *, is_woken: bool
    ) -> None:
        """Paths are held against the files that were pushed."""
        async with _world(tmp_path) as (world, stranger):
            rules: dict[str, Any] = {"includePaths": ["charts"], "excludePaths": ["glob:**/*.md"]}
            await world.apply(git_warehouse(**rules))
            await _pushed(stranger, push(commits=[{"modified": files}]))
            assert bool(await _woken(world, "git")) is is_woken

    async def test_a_forced_push_tells_no_files(self, tmp_path: Path) -> None:
        """A forced push tells no files."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse(includePaths=["charts"]))
            await _pushed(stranger, push(forced=True, commits=[{"modified": ["README.md"]}]))
            assert await _woken(world, "git") == ["git"]

    @pytest.mark.parametrize(
        ("tag", "wanted", "is_woken"),
        [
            ("1.4.0", {"constraint": "^1.0.0"}, True),
            ("2.0.0", {"constraint": "^1.0.0"}, False),
            ("latest", {}, False),
            ("main", {"imageSelectionStrategy": "Digest", "constraint": "main"}, True),
            ("other", {"imageSelectionStrategy": "Digest", "constraint": "main"}, False),
            ("b-1", {"imageSelectionStrategy": "NewestBuild", "allowTags": "^a-"}, False),
            ("a-1", {"imageSelectionStrategy": "Lexical", "allowTags": "^a-"}, True),
        ],
    )
    async def test_tags_are_held_against_the_selection(
        self, tmp_path: Path, tag: str, wanted: dict[str, Any], *, is_woken: bool
    ) -> None:
        """Tags are held against the selection."""
        async with _world(tmp_path, receiver("quay")) as (world, stranger):
            image = {"image": {"repoURL": IMAGE, **wanted}}
            await world.apply(warehouse_document("image", subscriptions=[image], interval="24h"))
            await world.settled()
            before = await _token(world, "image")
            await stranger.post(path_of("quay"), json={"docker_url": IMAGE, "updated_tags": [tag]})
            assert (await _token(world, "image") != before) is is_woken
            # What is known of the tag does not count any more, where it matters.
            assert world.doubted == ([(IMAGE, (tag,))] if is_woken else [])

    @pytest.mark.parametrize(("tag", "is_woken"), [("0.3.0_1", True), ("1.0.0", False)])
    async def test_charts_in_registries(self, tmp_path: Path, tag: str, *, is_woken: bool) -> None:
        """Charts in registries."""
        async with _world(tmp_path, receiver("harbor")) as (world, stranger):
            chart = {
                "chart": {"repoURL": "oci://r.example/charts/web", "semverConstraint": "^0.3.0"}
            }
            await world.apply(warehouse_document("chart", subscriptions=[chart]))
            resource = {"tag": tag, "resource_url": f"r.example/charts/web:{tag}"}
            answer = await stranger.post(
                path_of("harbor"),
                json={"type": "PUSH_ARTIFACT", "event_data": {"resources": [resource]}},
                headers={"Authorization": SECRET},
            )
            assert answer.status_code == 200
            assert bool(await _woken(world, "chart")) is is_woken

    async def test_only_those_of_the_receivers_project(self, tmp_path: Path) -> None:
        """Only those of the receivers project."""
        async with _world(tmp_path) as (world, stranger):
            other = {**project_document(), "metadata": {"name": "other"}}
            elsewhere = git_warehouse()
            elsewhere["metadata"]["namespace"] = "other"
            await world.apply(other)
            await world.settled()
            await world.apply(elsewhere, git_warehouse())
            answer = await _pushed(stranger, push())
            assert answer.json() == {"msg": "refreshed 1 warehouse(s)"}
            await world.apply(
                secret_document("hook", SECRET, SYSTEM_RESOURCES),
                {
                    "apiVersion": "kargo.akuity.io/v1alpha1",
                    "kind": "ClusterConfig",
                    "metadata": {"name": cluster_config.NAME},
                    "spec": {"webhookReceivers": [receiver("github")]},
                },
            )
            await world.settled()
            body = push()
            of_all = await stranger.post(
                path_of("github", project=""), content=body, headers=signed(body)
            )
            assert of_all.json() == {"msg": "refreshed 2 warehouse(s)"}

    async def test_a_look_follows_at_once_and_asks_anew(self, tmp_path: Path) -> None:
        """A look follows at once and asks anew."""
        async with _world(tmp_path, receiver("dockerhub")) as (world, stranger):
            await world.apply(warehouse_document(interval="24h"))
            await world.settled()
            looks = len(world.images.looks)
            payload = {"repository": {"repo_name": IMAGE}, "push_data": {"tag": "1.0.0"}}
            await stranger.post(path_of("dockerhub"), json=payload)
            await world.settled()
            assert len(world.images.looks) == looks + 1
            assert world.images.looks[-1][1] is False  # nobody asked by hand
            stored = await world.store.get(Ref(scheme.WAREHOUSE, PROJECT, "main"))
            token = await _token(world, "main")
            assert stored.document["status"]["lastHandledRefresh"] == token
            assert polling.heard_at(token) == world.clock.now()

    async def test_a_look_that_is_tried_again_asks_anew_as_well(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What others were told before the push is no answer, whatever became of the first look."""
        async with _world(tmp_path, receiver("dockerhub")) as (world, stranger):
            ages: list[float] = []
            discover = world.images.discover

            async def noting(subscription: Any, clients: Any) -> Any:
                ages.append(subscription.most_seconds)
                return await discover(subscription, clients)

            monkeypatch.setattr(world.images, "discover", noting)
            await world.apply(warehouse_document(interval="24h"))
            await world.settled()
            world.images.error = Unavailable("the registry is away")
            payload = {"repository": {"repo_name": IMAGE}, "push_data": {"tag": "1.0.0"}}
            await stranger.post(path_of("dockerhub"), json=payload)
            await world.settled()
            world.images.error = None
            await world.clock.advance(5)
            await world.settled()
            stored = await world.store.get(Ref(scheme.WAREHOUSE, PROJECT, "main"))
            assert stored.document["status"]["lastHandledRefresh"] == await _token(world, "main")
            usual, first, *again = ages
            assert (usual, first) == (30.0, 0.0)
            assert again
            assert again[0] < 30

    async def test_promotions_that_wait_for_a_pull_request(self, tmp_path: Path) -> None:
        """Promotions that wait for a pull request."""
        async with _world(tmp_path) as (world, stranger):
            woken: list[Ref] = []
            waits = KeyedWaits()
            waits.follow(woken.append)
            world.waking.join(waits)
            key = wake_keys.pull_request("git@github.example:acme/shop.git", 12)
            mine, other = (Ref(scheme.PROMOTION, of, "p") for of in (PROJECT, "other"))
            for each in (mine, other):
                waits.wait(each, [key], since=waits.now)
            body = json.dumps(
                {
                    "action": "closed",
                    "pull_request": {"html_url": "https://x/pull/12", "number": 12},
                    "repository": {
                        "clone_url": "https://github.example/acme/shop.git",
                        "ssh_url": "git@github.example:acme/shop.git",
                    },
                }
            ).encode()
            headers = {**signed(body), "X-GitHub-Event": "pull_request"}
            answer = await stranger.post(GITHUB, content=body, headers=headers)
            assert answer.json() == {"msg": "refreshed 1 promotion(s)"}
            assert woken == [mine]


class TestWhoMayDeliver:
    """Who may deliver."""

    async def test_the_status_tells_where(self, tmp_path: Path) -> None:
        """The status tells where."""
        async with _world(tmp_path, receiver("github"), receiver("quay", secret="none")) as (
            world,
            _,
        ):
            status = (await world.store.get(CONFIG)).document["status"]
            assert status["webhookReceivers"] == [
                {"name": "github", "path": GITHUB, "url": f"{HOOKS_URL}{GITHUB}"}
            ]
            (ready,) = [each for each in status["conditions"] if each["type"] == "Ready"]
            assert ready["reason"] == "SyncWebhookReceiversFailed"
            assert 'Secret "none" not found' in ready["message"]
            await world.apply(secret_document("none"))
            await world.settled()
            status = (await world.store.get(CONFIG)).document["status"]
            assert len(status["webhookReceivers"]) == 2
            assert status["conditions"][-1]["status"] == "True"

    async def test_what_is_not_there_tells_nothing(self, tmp_path: Path) -> None:
        """What is not there tells nothing."""
        async with _world(tmp_path) as (_, stranger):
            digest = GITHUB.rpartition("/")[2]
            answers = [
                await stranger.request(method, path, content=b"{}")
                for method in ("POST", "GET")
                for path in (
                    f"/webhooks/gitlab/{digest}",
                    f"/webhooks/github/{'0' * 64}",
                    "/webhooks/x/y",
                )
            ]
            for of_one in (answers[:3], answers[3:]):
                assert len({(each.status_code, each.text) for each in of_one}) == 1
            assert answers[0].status_code == 404
            known = await stranger.get(GITHUB)
            assert (known.status_code, known.text) == (
                answers[3].status_code,
                answers[3].text,
            )

    async def test_a_body_that_was_changed_is_refused_and_does_nothing(
        self, tmp_path: Path
    ) -> None:
        """A body that was changed is refused and does nothing."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse())
            headers = signed(push())
            body = push(ref="refs/heads/evil")
            answer = await stranger.post(GITHUB, content=body, headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
            assert not await _woken(world, "git")
            (record,) = await _receipts(world)
            assert record["said"] == "the signature or token is missing or wrong"

    async def test_a_delivery_that_comes_again_is_one_more_look_and_nothing_else(
        self, tmp_path: Path
    ) -> None:
        """A delivery that comes again is one more look and nothing else."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse())
            first = await _pushed(stranger, push())
            token = await _token(world, "git")
            again = await _pushed(stranger, push())
            assert first.json() == again.json()
            assert await _token(world, "git") != token

    async def test_another_secret_holds_at_once(self, tmp_path: Path) -> None:
        """Another secret holds at once."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(secret_document(value="another"))
            body = push()
            former = await stranger.post(GITHUB, content=body, headers=signed(body))
            assert former.status_code == 404
            await world.settled()
            moved = await stranger.post(
                path_of("github", value="another"), content=body, headers=signed(body, "another")
            )
            assert moved.status_code == 200

    async def test_a_receiver_that_was_removed_is_closed_at_once(self, tmp_path: Path) -> None:
        """A receiver that was removed is closed at once."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(config_document(receiver("gitea")))
            assert (await _pushed(stranger, push())).status_code == 404
            await world.settled()
            assert (await _pushed(stranger, push())).status_code == 404

    async def test_so_it_does_while_a_body_is_on_its_way(self, tmp_path: Path) -> None:
        """Who begins to deliver in time is no better for it."""
        async with _world(tmp_path) as (world, _):
            await world.apply(git_warehouse())
            body = push()

            async def slowly(_: Any) -> bytes:
                await world.apply(secret_document(value="another"))
                return body

            delivery = WebhookDelivery(
                path=GITHUB, headers=list(signed(body).items()), query=(), address=""
            )
            with pytest.raises(NoReceiver):
                await world.webhooks.take(delivery, slowly)
            assert not await _woken(world, "git")

    async def test_a_body_has_a_bound(self, tmp_path: Path) -> None:
        """A body has a bound."""
        async with _world(tmp_path) as (_, stranger):
            answer = await _pushed(stranger, b" " * ((2 << 20) + 1))
            assert answer.status_code == 413

    async def test_a_flood_is_told_to_come_again_and_holds_nobody_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A flood is told to come again and holds nobody else."""
        monkeypatch.setattr(intake, "MOST", 3)
        async with _world(tmp_path, receiver("github"), receiver("quay")) as (world, stranger):
            await world.apply(git_warehouse())
            answers = await asyncio.gather(*(_pushed(stranger, push()) for _ in range(20)))
            statuses = {each.status_code for each in answers}
            assert statuses == {200, 429}
            assert all("Retry-After" in each.headers for each in answers if each.status_code == 429)
            other = await stranger.post(path_of("quay"), json={"docker_url": IMAGE})
            assert other.status_code == 200
            assert world.webhooks.under_way == 0

    async def test_one_whose_deliveries_hang_holds_nobody_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Others are answered while all that one receiver may have under way waits."""
        async with _world(tmp_path, receiver("github"), receiver("quay")) as (world, stranger):
            await world.apply(git_warehouse(), warehouse_document("image"))
            await world.settled()
            modify, may_end = world.writer.modify, asyncio.Event()

            async def hanging(ref: Ref, change: Any, requester: Any) -> Any:
                if ref.name == "git":
                    await may_end.wait()
                return await modify(ref, change, requester)

            monkeypatch.setattr(world.writer, "modify", hanging)
            monkeypatch.setattr(intake, "MOST", 20)
            many = [asyncio.create_task(_pushed(stranger, push())) for _ in range(30)]
            while sum(each.done() for each in many) < 10:  # those that are told to come again
                await asyncio.sleep(0)
            assert world.webhooks.under_way == 20
            other = await stranger.post(path_of("quay"), json={"docker_url": IMAGE})
            assert other.json() == {"msg": "refreshed 1 warehouse(s)"}
            may_end.set()
            statuses = [(await each).status_code for each in many]
            assert (statuses.count(200), statuses.count(429)) == (20, 10)

    async def test_bodies_that_do_not_come_give_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As many as are let in, whose bodies never come, shut a receiver to nobody, once they have had their time."""
        monkeypatch.setattr(intake, "MOST", 3)
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse())
            begun, never = list[int](), asyncio.Event()

            async def drips(_: Any) -> bytes:
                begun.append(1)
                await never.wait()
                return b""

            delivery = WebhookDelivery(path=GITHUB, headers=[], query=(), address="")
            slow = [asyncio.create_task(world.webhooks.take(delivery, drips)) for _ in range(3)]
            while len(begun) < 3:
                await asyncio.sleep(0)
            assert (await _pushed(stranger, push())).status_code == 429, "they have just begun"
            monkeypatch.setattr(intake, "_PATIENCE_SECONDS", 0.0)
            assert (await _pushed(stranger, push())).status_code == 200
            with pytest.raises(BadRequest, match="others waited for room"):
                await slow[0]
            assert (await _pushed(stranger, push())).status_code == 200
            assert not any(each.done() for each in slow[1:]), "there is room now"
            for each in slow[1:]:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
            assert world.webhooks.under_way == 0

    async def test_many_for_one_warehouse_share_writes(self, tmp_path: Path) -> None:
        """Many for one warehouse share writes."""
        async with _world(tmp_path) as (world, stranger):
            await world.apply(git_warehouse())
            await world.settled()
            before = len(await world.store.log(ref=Ref(scheme.WAREHOUSE, PROJECT, "git")))
            answers = await asyncio.gather(*(_pushed(stranger, push()) for _ in range(50)))
            assert {each.status_code for each in answers} == {200}
            log = await world.store.log(ref=Ref(scheme.WAREHOUSE, PROJECT, "git"))
            asked = [each for each in log[before:] if each.actor == "controller:webhooks"]
            assert 1 <= len(asked) < 50


class TestReceipts:
    """Receipts."""

    async def test_they_are_bounded_and_hold_no_secret(self, tmp_path: Path) -> None:
        """They are bounded and hold no secret."""
        async with _world(tmp_path) as (world, stranger):
            for number in range(receipts.MOST + 3):
                await _pushed(stranger, push(ref=f"refs/heads/{number}"))
            bad = await stranger.post(
                GITHUB, content=b"{}", headers={"X-Hub-Signature-256": SECRET}
            )
            assert bad.status_code == 401
            uid = (await world.store.get(CONFIG)).uid
            kept = await world.store.receipts.of(uid, "github")
            taken = [json.loads(each.record) for each in kept if each.is_taken]
            assert len(taken) == receipts.MOST
            assert taken[0]["about"]["refs"] == [f"refs/heads/{receipts.MOST + 2}"]
            text = "".join(each.record for each in kept)
            assert SECRET not in text
            assert GITHUB.rpartition("/")[2] not in text

    async def test_those_of_strangers_are_one_a_second(self, tmp_path: Path) -> None:
        """Those of strangers are one a second."""
        async with _world(tmp_path) as (world, stranger):
            for _ in range(5):
                await stranger.post(GITHUB, content=b"{}")
            assert len(await _receipts(world)) == 1
            await world.clock.advance(2)
            await stranger.post(GITHUB, content=b"{}")
            assert len(await _receipts(world)) == 2

    async def test_what_is_told_is_cut_and_plain(self, tmp_path: Path) -> None:
        """What is told is cut and plain."""
        async with _world(tmp_path) as (world, stranger):
            await _pushed(stranger, push(ref="refs/heads/\x1b[31m" + "x" * 10_000))
            (record,) = await _receipts(world)
            assert "\x1b" not in record["about"]["refs"][0]
            assert len(json.dumps(record)) < 3_000

    async def test_they_go_with_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """They go with time."""
        monkeypatch.setattr(receipts, "AGE", timedelta(seconds=60))
        async with _world(tmp_path) as (world, stranger):
            await _pushed(stranger, push())
            await world.clock.advance(61)
            await _pushed(stranger, push(ref="refs/heads/later"))
            assert len(await _receipts(world)) == 1
