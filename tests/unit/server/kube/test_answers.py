"""Parts of answers that clients act on, as a real API server gives them (tools/oracle found where ours differed)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pipeline import running
from tests.support.serving import client
from towpath.errors import FieldError, Timeout
from towpath.server.kube import status

if TYPE_CHECKING:
    from pathlib import Path

MAPS = "/api/v1/namespaces/default/configmaps"
EVENTS = "/api/v1/namespaces/default/events"
MERGE = {"Content-Type": "application/merge-patch+json"}


def _map(name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}}


async def test_a_dry_run_takes_no_revision(tmp_path: Path) -> None:
    """A new object shows none, a changed one that which it has: `kubectl diff` shows what else changes."""
    async with running(tmp_path) as world, client(world) as http:
        new = (await http.post(f"{MAPS}?dryRun=All", json=_map("a"))).json()["metadata"]
        assert new["uid"]
        assert "resourceVersion" not in new
        stored = (await http.post(MAPS, json=_map("a"))).json()["metadata"]
        body = {"data": {"k": "v"}}
        dry = await http.patch(f"{MAPS}/a?dryRun=All", json=body, headers=MERGE)
        assert dry.json()["data"] == {"k": "v"}
        assert dry.json()["metadata"]["resourceVersion"] == stored["resourceVersion"]


async def test_a_collection_is_told_as_it_was_before(tmp_path: Path) -> None:
    """Also what only waits for its finalizers from now on."""
    async with running(tmp_path) as world, client(world) as http:
        made = [
            (await http.post(MAPS, json=_map("free"))).json(),
            (await http.post(MAPS, json=_map("held", finalizers=["example.com/hold"]))).json(),
        ]
        told = (await http.delete(MAPS)).json()["items"]
        assert [each["metadata"] for each in told] == [each["metadata"] for each in made]
        left = (await http.get(MAPS)).json()["items"]
        assert [each["metadata"]["name"] for each in left] == ["held"]
        assert left[0]["metadata"]["deletionTimestamp"]


@pytest.mark.parametrize(
    ("method", "options"),
    [("POST", "CreateOptions"), ("PUT", "UpdateOptions"), ("PATCH", "PatchOptions")],
)
async def test_wrong_options_are_told_by_their_name(
    tmp_path: Path, method: str, options: str
) -> None:
    """A field manager that is too long, one that cannot be printed, and another dry run than `All`."""
    async with running(tmp_path) as world, client(world) as http:
        await http.post(MAPS, json=_map("a"))
        path = MAPS if method == "POST" else f"{MAPS}/a"
        headers = MERGE if method == "PATCH" else {}
        for query, reason in (
            ("fieldManager=" + "m" * 129, "FieldValueTooLong"),
            ("fieldManager=a%09b", "FieldValueInvalid"),
            ("dryRun=Some", "FieldValueNotSupported"),
        ):
            got = await http.request(method, f"{path}?{query}", json=_map("a"), headers=headers)
            details = got.json()["details"]
            assert (got.status_code, details["kind"]) == (422, options)
            assert [cause["reason"] for cause in details["causes"]] == [reason]


async def test_a_missing_namespace_is_what_was_not_found(tmp_path: Path) -> None:
    """Not the object that was to be made in it; one that is going is told by its cause."""
    async with running(tmp_path) as world, client(world) as http:
        missing = await http.post("/api/v1/namespaces/none/configmaps", json=_map("a"))
        assert missing.json()["details"] == {"name": "none", "kind": "namespaces"}
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}}
        await http.post("/api/v1/namespaces", json=space)
        held = _map("held", finalizers=["example.com/hold"])
        await http.post("/api/v1/namespaces/going/configmaps", json=held)
        await http.delete("/api/v1/namespaces/going")
        going = await http.post("/api/v1/namespaces/going/configmaps", json=_map("a"))
        assert going.status_code == 403
        (cause,) = going.json()["details"]["causes"]
        assert (cause["reason"], cause["field"]) == ("NamespaceTerminating", "metadata.namespace")


async def test_a_review_in_a_namespace_says_in_which(tmp_path: Path) -> None:
    """As it was made there."""
    async with running(tmp_path) as world, client(world) as http:
        group = "authorization.k8s.io/v1"
        attributes = {"namespace": "default", "verb": "get", "resource": "secrets"}
        review = {
            "apiVersion": group,
            "kind": "LocalSubjectAccessReview",
            "spec": {"user": "jo", "resourceAttributes": attributes},
        }
        path = f"/apis/{group}/namespaces/default/localsubjectaccessreviews"
        answer = (await http.post(path, json=review)).json()
        assert answer["metadata"]["namespace"] == "default"
        assert answer["status"]["allowed"] is False


async def test_events_are_where_their_objects_are_and_selected_by_source(tmp_path: Path) -> None:
    """`source` selects by the component that tells."""
    async with running(tmp_path) as world, client(world) as http:

        def event(name: str, about: str, source: str) -> dict[str, Any]:
            return {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name},
                "involvedObject": {"kind": "ConfigMap", "name": "a", "namespace": about},
                "source": {"component": source},
            }

        wrong = await http.post(EVENTS, json=event("x", "elsewhere", "tool"))
        assert wrong.status_code == 422
        assert wrong.json()["details"]["causes"][0]["field"] == "involvedObject.namespace"
        for name, source in (("one", "tool"), ("two", "other")):
            assert (await http.post(EVENTS, json=event(name, "default", source))).status_code == 201
        found = (await http.get(f"{EVENTS}?fieldSelector=source%3Dtool")).json()["items"]
        assert [each["metadata"]["name"] for each in found] == ["one"]


def test_a_revision_that_is_not_there_yet_has_a_cause_that_clients_know() -> None:
    """They list anew then; a deadline that passed for another reason is about the resource and has none."""
    about = status.About("", "configmaps", "a")
    ahead = Timeout("x", [FieldError("", "ResourceVersionTooLarge", "Too large resource version")])
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    told = status.failure(ahead, about)["details"]
    assert told == {"causes": [cause], "retryAfterSeconds": 1}
    other = status.failure(Timeout("x"), about)["details"]
    assert other == {"name": "a", "kind": "configmaps", "retryAfterSeconds": 1}
