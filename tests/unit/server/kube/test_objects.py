"""Objects over the Kubernetes API: created, read, listed, changed, deleted; and what is wrong with a request."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.asgi_watch import Watched
from tests.support.pipeline import PROJECT, project_document, running
from tests.support.serving import TOKEN, account_token, client, served
from towpath.server.kube import reads
from towpath.store.contract import LogRetention

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.support.pipeline import Pipeline

MAPS = f"/api/v1/namespaces/{PROJECT}/configmaps"
TASKS = f"/apis/kargo.akuity.io/v1alpha1/namespaces/{PROJECT}/promotiontasks"
MERGE = {"Content-Type": "application/merge-patch+json"}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}


def _map(name: str, **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}


def _task(name: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "PromotionTask",
        "metadata": {"name": name},
        "spec": {"steps": [{"uses": "work", **more}]},
    }


@asynccontextmanager
async def _world(
    folder: Path, retention: LogRetention | None = None, *, measuring: bool = True
) -> AsyncIterator[tuple[Pipeline, httpx.AsyncClient]]:
    async with running(folder, retention=retention, measuring=measuring) as world:
        await world.apply(project_document())
        await world.settled()
        async with client(world) as http:
            yield world, http


async def test_an_object_from_create_to_delete(tmp_path: Path) -> None:
    """Each answer is the object as it is then; the last says what has gone."""
    async with _world(tmp_path) as (_, http):
        made = await http.post(MAPS, json=_map("one"))
        assert made.status_code == 201
        first = made.json()
        assert first["metadata"]["namespace"] == PROJECT
        again = await http.post(MAPS, json=_map("one"))
        assert (again.status_code, again.json()["reason"]) == (409, "AlreadyExists")
        assert again.json()["details"] == {"name": "one", "kind": "configmaps"}

        changed = await http.patch(f"{MAPS}/one", json={"data": {"b": "2"}}, headers=MERGE)
        assert changed.json()["data"] == {"a": "1", "b": "2"}
        same = await http.patch(f"{MAPS}/one", json={"data": {"b": "2"}}, headers=MERGE)
        assert same.json()["metadata"] == changed.json()["metadata"]

        stale = await http.put(f"{MAPS}/one", json=first)
        assert (stale.status_code, stale.json()["reason"]) == (409, "Conflict")
        assert "the object has been modified" in stale.json()["message"]
        current = changed.json() | {"data": {"c": "3"}}
        assert (await http.put(f"{MAPS}/one", json=current)).json()["data"] == {"c": "3"}

        for wrong in ({"uid": "another"}, {"resourceVersion": "1"}):
            refused = await http.request("DELETE", f"{MAPS}/one", json={"preconditions": wrong})
            assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
        gone = await http.delete(f"{MAPS}/one")
        assert gone.json()["status"] == "Success"
        assert gone.json()["details"] == {
            "name": "one",
            "kind": "configmaps",
            "uid": first["metadata"]["uid"],
        }
        missing = await http.get(f"{MAPS}/one")
        assert (missing.status_code, missing.json()["message"]) == (
            404,
            'configmaps "one" not found',
        )


async def test_every_patch_does_what_its_media_type_says(tmp_path: Path) -> None:
    """Strategic merges are for built-in kinds; a custom one is told what it may be sent."""
    async with _world(tmp_path) as (_, http):
        await http.post(MAPS, json=_map("one", l="1"))
        moved = [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "move", "from": "/data/a", "path": "/data/z"},
        ]
        answer = await http.patch(f"{MAPS}/one", json=moved, headers=JSON_PATCH)
        assert answer.json()["data"] == {"z": "1"}
        failed = await http.patch(f"{MAPS}/one", json=moved, headers=JSON_PATCH)
        assert failed.status_code == 422
        replaced = {"data": {"$patch": "replace", "y": "2"}}
        answer = await http.patch(f"{MAPS}/one", json=replaced, headers=STRATEGIC)
        assert answer.json()["data"] == {"y": "2"}
        applied = _map("one") | {"data": {"x": "3"}}
        answer = await http.patch(f"{MAPS}/one?fieldManager=m", json=applied, headers=APPLY)
        assert answer.json()["data"] == {"x": "3", "y": "2"}

        await http.post(TASKS, json=_task("one"))
        refused = await http.patch(f"{TASKS}/one", json={}, headers=STRATEGIC)
        assert (refused.status_code, refused.json()["reason"]) == (415, "UnsupportedMediaType")
        assert "application/merge-patch+json" in refused.json()["message"]


async def test_applying_makes_takes_and_gives_up_fields(tmp_path: Path) -> None:
    """201 for what is new; another manager's field is a conflict with its cause, until it is forced."""
    async with _world(tmp_path) as (_, http):
        task = f"{TASKS}/one?fieldManager="
        made = await http.patch(f"{task}a", json=_task("one", **{"as": "x"}), headers=APPLY)
        assert made.status_code == 201
        other = _task("one", **{"as": "y"})
        refused = await http.patch(f"{task}b", json=other, headers=APPLY)
        assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
        assert refused.json()["details"]["causes"] == [
            {
                "reason": "FieldManagerConflict",
                "message": 'conflict with "a"',
                "field": ".spec.steps",
            }
        ]
        forced = await http.patch(f"{task}b&force=true", json=other, headers=APPLY)
        assert forced.json()["spec"]["steps"] == [{"uses": "work", "as": "y"}]
        nobody = await http.patch(f"{TASKS}/one", json=other, headers=APPLY)
        assert nobody.status_code == 422
        assert "fieldManager: Required value" in nobody.json()["message"]


async def test_a_dry_run_answers_and_writes_nothing(tmp_path: Path) -> None:
    """Of every kind of write; the store's revision stays."""
    async with _world(tmp_path) as (world, http):
        await http.post(MAPS, json=_map("one"))
        before = world.store.revision()
        dry = "dryRun=All"
        answers = [
            await http.post(f"{MAPS}?{dry}", json=_map("two")),
            await http.put(f"{MAPS}/one?{dry}", json=_map("one") | {"data": {}}),
            await http.patch(f"{MAPS}/one?{dry}", json={"data": None}, headers=MERGE),
            await http.patch(
                f"{MAPS}/three?{dry}&fieldManager=m", json=_map("three"), headers=APPLY
            ),
            await http.delete(f"{MAPS}/one?{dry}"),
            await http.delete(f"{MAPS}?{dry}"),
        ]
        assert [answer.status_code for answer in answers] == [201, 200, 200, 201, 200, 200]
        assert world.store.revision() == before
        wrong = await http.post(f"{MAPS}?dryRun=Some", json=_map("two"))
        assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("validation", "code", "warnings"), [("Strict", 400, 0), ("Warn", 201, 1), ("Ignore", 201, 0)]
)
async def test_unknown_fields(tmp_path: Path, validation: str, code: int, warnings: int) -> None:
    """An error, a `Warning` header, or nothing; never stored."""
    async with _world(tmp_path) as (_, http):
        given = _task("one", unknownField=1)
        answer = await http.post(f"{TASKS}?fieldValidation={validation}", json=given)
        assert answer.status_code == code, answer.text
        assert len(answer.headers.get_list("warning")) == warnings
        told = answer.text if code == 400 else answer.headers.get("warning", "")
        assert ("unknownField" in told) == (validation != "Ignore")
        if code == 201:
            assert answer.json()["spec"]["steps"] == [{"uses": "work"}]


BODIES: dict[str, tuple[bytes, str, int]] = {
    "nothing": (b"", "application/json", 400),
    "no JSON": (b"{", "application/json", 400),
    "no object": (b"[1]", "application/json", 400),
    "two values": (b"{} {}", "application/json", 400),
    "invalid UTF-8": (b'{"metadata":{"name":"\xff"}}', "application/json", 400),
    "a NUL": (b"\x00", "application/json", 400),
    "deep JSON": (b'{"data":' * 100_000, "application/json", 400),
    "deep lists": (b"[" * 1_000_000 + b"]" * 1_000_000, "application/json", 400),
    "deep YAML": (b"a: " + b"[" * 100_000, "application/yaml", 400),
    "an alias that grows": (
        b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*%s, *%s]\n" % (n, n, p, p) for n, p in (
            (0, b"a"), *((n, b"b%d" % (n - 1)) for n in range(1, 60))
        )),
        "application/yaml",
        400,
    ),
    "a number too large": (b'{"data":{"a":' + b"9" * 100_000 + b"}}", "application/json", 400),
    "not protobuf": (b"{}", "application/vnd.kubernetes.protobuf", 400),
    "protobuf cut off": (b"k8s\x00\x0a\xff", "application/vnd.kubernetes.protobuf", 400),
    "another media type": (b"{}", "text/plain", 415),
    "too large": (b" " * (3 << 20) + b"{}", "application/json", 413),
    "another kind": (b'{"apiVersion":"v1","kind":"Secret"}', "application/json", 400),
    "metadata of another type": (b'{"metadata":1}', "application/json", 400),
    "a name of another type": (b'{"metadata":{"name":1}}', "application/json", 400),
    "labels of another type": (b'{"metadata":{"name":"a","labels":[1]}}', "application/json", 400),
    "another namespace": (b'{"metadata":{"name":"a","namespace":"b"}}', "application/json", 400),
}  # fmt: skip


@pytest.mark.slow
async def test_bodies_that_are_wrong_are_refused_with_their_reason(tmp_path: Path) -> None:
    """Whatever comes: a `Status` with a message, nothing written, and the next request is answered."""
    async with _world(tmp_path) as (world, http):
        before = world.store.revision()
        wrong = []
        for what, (body, media_type, code) in BODIES.items():
            answer = await http.post(MAPS, content=body, headers={"Content-Type": media_type})
            told = answer.json()
            fits = (answer.status_code, told["kind"], told["status"]) == (code, "Status", "Failure")
            # 422 where the schema is what says it
            is_schema = answer.status_code == 422 and "type" in what
            if not (fits or is_schema) or not told["message"]:
                wrong.append((what, answer.status_code, answer.text[:300]))
        assert not wrong
        assert world.store.revision() == before
        assert (await http.post(MAPS, json=_map("fine"))).status_code == 201


QUERIES = {
    "labelSelector=a%20in": 400,
    "labelSelector=a%3D%3D%3Db": 400,
    "labelSelector=-a": 400,
    "labelSelector=a%3E1": 400,
    "fieldSelector=spec.none%3Da": 400,
    "fieldSelector=metadata.name": 400,
    "limit=-1": 400,
    "limit=many": 400,
    "limit=1&continue=nonsense": 400,
    "resourceVersion=nonsense": 400,
    "resourceVersion=-1": 400,
    "resourceVersionMatch=Exact": 422,
    "resourceVersionMatch=Sometimes&resourceVersion=1": 422,
    "watch=1&resourceVersionMatch=Exact&resourceVersion=1": 422,
    "watch=perhaps": 400,
    "timeoutSeconds=soon&watch=1": 400,
    "sendInitialEvents=true": 422,
}


async def test_queries_that_are_wrong_are_refused_with_their_reason(tmp_path: Path) -> None:
    """A `Status` that names the parameter; never a list of something else."""
    async with _world(tmp_path) as (_, http):
        answers = {query: await http.get(f"{MAPS}?{query}") for query in QUERIES}
    codes = {query: answer.status_code for query, answer in answers.items()}
    assert codes == QUERIES
    assert all(answer.json()["message"] for answer in answers.values())


async def test_pages_show_one_moment(tmp_path: Path) -> None:
    """What is written between two pages is in neither; the rest is counted."""
    async with _world(tmp_path) as (_, http):
        for number in range(5):
            await http.post(MAPS, json=_map(f"m{number}", l="1"))
        first = (await http.get(f"{MAPS}?limit=2&labelSelector=l")).json()
        await http.delete(f"{MAPS}/m3")
        await http.post(MAPS, json=_map("m9", l="1"))
        names = [each["metadata"]["name"] for each in first["items"]]
        cursor, revision = first["metadata"]["continue"], first["metadata"]["resourceVersion"]
        while cursor:
            page = (await http.get(f"{MAPS}?limit=2&labelSelector=l&continue={cursor}")).json()
            names += [each["metadata"]["name"] for each in page["items"]]
            assert page["metadata"]["resourceVersion"] == revision
            cursor = page["metadata"].get("continue")
        assert names == [f"m{number}" for number in range(5)]
        exact = f"{MAPS}?labelSelector=l&resourceVersion={revision}&resourceVersionMatch=Exact"
        then = (await http.get(exact)).json()
        assert [each["metadata"]["name"] for each in then["items"]] == names


async def test_a_held_object_waits_for_its_finalizer(tmp_path: Path) -> None:
    """Deleting answers with the object, a watch tells both, and the last finalizer's removal lets it go."""
    async with _world(tmp_path) as (world, http):
        held = _map("one")
        held["metadata"]["finalizers"] = ["example.com/held"]
        revision = (await http.post(MAPS, json=held)).json()["metadata"]["resourceVersion"]
        watched = Watched(
            served(world), MAPS, f"watch=1&resourceVersion={revision}", TOKEN, "application/json"
        )
        answer = await http.delete(f"{MAPS}/one")
        assert answer.json()["metadata"]["deletionTimestamp"]
        assert (await watched.next())["type"] == "MODIFIED"
        freed = {"metadata": {"finalizers": None}}
        assert (await http.patch(f"{MAPS}/one", json=freed, headers=MERGE)).status_code == 200
        assert (await watched.next())["type"] == "DELETED"
        await watched.leave()
        assert (await http.get(f"{MAPS}/one")).status_code == 404


async def test_deleting_a_collection_takes_what_is_selected(tmp_path: Path) -> None:
    """And answers with it."""
    async with _world(tmp_path) as (_, http):
        for name, label in (("a", "1"), ("b", "2"), ("c", "1")):
            await http.post(MAPS, json=_map(name, l=label))
        gone = (await http.delete(f"{MAPS}?labelSelector=l%3D1")).json()
        assert [each["metadata"]["name"] for each in gone["items"]] == ["a", "c"]
        left = (await http.get(f"{MAPS}?labelSelector=l")).json()
        assert [each["metadata"]["name"] for each in left["items"]] == ["b"]


async def test_status_and_the_rest_are_written_apart(tmp_path: Path) -> None:
    """A write of one leaves the other; `generation` counts changes of the rest alone.

    No controller writes a status of its own meanwhile.
    """
    async with _world(tmp_path, measuring=False) as (_, http):
        runs = f"/apis/argoproj.io/v1alpha1/namespaces/{PROJECT}/analysisruns"
        given = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AnalysisRun",
            "metadata": {"name": "one"},
            "spec": {"metrics": [{"name": "m", "provider": {}}]},
        }
        made = (await http.post(runs, json=given)).json()
        both = {"spec": {"terminate": True}, "status": {"phase": "Running"}}
        of_status = (await http.patch(f"{runs}/one/status", json=both, headers=MERGE)).json()
        assert (of_status["status"], of_status["spec"]) == ({"phase": "Running"}, made["spec"])
        assert of_status["metadata"]["generation"] == made["metadata"]["generation"]
        both["status"] = {"phase": "Failed"}
        of_rest = (await http.patch(f"{runs}/one", json=both, headers=MERGE)).json()
        assert of_rest["spec"]["terminate"] is True
        assert of_rest["status"] == {"phase": "Running"}
        assert of_rest["metadata"]["generation"] == made["metadata"]["generation"] + 1


async def test_too_old_a_moment_is_gone(tmp_path: Path) -> None:
    """410 `Expired` for a list, an ERROR event with it for a watch: clients list anew."""
    few = LogRetention(entries=5, minimum_entries=1)
    async with _world(tmp_path, few) as (world, http):
        first = (await http.get(f"{MAPS}?limit=1")).json()["metadata"]["resourceVersion"]
        for number in range(30):
            await http.post(MAPS, json=_map(f"m{number}"))
        query = f"resourceVersion={first}"
        listed = await http.get(f"{MAPS}?{query}&resourceVersionMatch=Exact")
        assert (listed.status_code, listed.json()["reason"]) == (410, "Expired")
        watched = Watched(served(world), MAPS, f"watch=1&{query}", TOKEN, "application/json")
        event = await watched.next()
        assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
        await watched.leave()


async def test_who_may_not_see_does_not_learn_what_is_there(tmp_path: Path) -> None:
    """403 comes before 404, and names user, verb and resource."""
    async with _world(tmp_path) as (world, http):
        await http.post(MAPS, json=_map("one"))
        token = await account_token(world, PROJECT, "kargo-promoter")
        async with client(world, token) as stranger:
            for name in ("one", "none"):
                answer = await stranger.put(f"{MAPS}/{name}", json=_map(name))
                assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
                assert 'cannot update resource "configmaps"' in answer.json()["message"]


async def test_names_are_made_up(tmp_path: Path) -> None:
    """`generateName` and five letters or digits; each another."""
    async with _world(tmp_path) as (_, http):
        given = _map("")
        given["metadata"] = {"generateName": "made-"}
        names = {(await http.post(MAPS, json=given)).json()["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(len(name) == len("made-") + 5 for name in names)


@pytest.mark.slow
async def test_large_answers_are_written_as_yaml_beside_the_event_loop(tmp_path: Path) -> None:
    """One object, what a write answers, and a list: others have the loop meanwhile."""
    as_yaml = {"Accept": "application/yaml"}
    keys = {f"key-{number}": "value" for number in range(4_000)}
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            if world.aside.running:
                ticks += 1
            await asyncio.sleep(0)

    async with _world(tmp_path) as (world, http):
        ticking = asyncio.create_task(tick())
        made = await http.post(MAPS, json={**_map("large"), "data": keys}, headers=as_yaml)
        for answer in (made, await http.get(f"{MAPS}/large", headers=as_yaml)):
            assert yaml.safe_load(answer.text)["data"] == keys
        for path in (MAPS, f"{MAPS}?limit=2", f"{MAPS}/large"):
            ticks = 0
            answer = await http.get(path, headers=as_yaml)
            assert answer.status_code == 200, answer.text
            assert ticks > 100, path
        ticking.cancel()


async def test_a_list_of_very_many_bytes_is_not_written_as_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for it is told to take JSON, or pages."""
    monkeypatch.setattr(reads, "_LARGEST_YAML_BYTES", 1_000)
    async with _world(tmp_path) as (_, http):
        for number in range(5):
            await http.post(MAPS, json={**_map(f"m{number}"), "data": {"a": "x" * 300}})
        for path in (MAPS, f"{MAPS}?limit=10"):
            answer = await http.get(path, headers={"Accept": "application/yaml"})
            assert answer.status_code == 413
            assert "ask for JSON" in answer.text
        assert (await http.get(MAPS)).status_code == 200


async def test_answers_as_yaml(tmp_path: Path) -> None:
    """For those who ask for it; what nobody offers is 406."""
    async with _world(tmp_path) as (_, http):
        await http.post(MAPS, content=json.dumps(_map("one")))
        answer = await http.get(f"{MAPS}/one", headers={"Accept": "application/yaml"})
        assert answer.headers["content-type"].startswith("application/yaml")
        assert "name: one" in answer.text
        refused = await http.get(f"{MAPS}/one", headers={"Accept": "text/html"})
        assert (refused.status_code, refused.json()["reason"]) == (406, "NotAcceptable")
