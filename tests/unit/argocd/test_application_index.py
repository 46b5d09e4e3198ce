"""The index of Applications: what Stages find in it, what counts as a change, and its bounds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.argocd_answers import DEEP, application
from towpath.argocd.application_index import ApplicationIndex, IndexChange

STAGE = "kargo.akuity.io/authorized-stage"


def put(index: ApplicationIndex, name: str, version: int = 1, **more: Any) -> IndexChange | None:
    """Take an Application."""
    document = application(name, version, **more)
    return index.take("argocd", name, json.dumps(document).encode())


def authorised(*stages: str) -> dict[str, Any]:
    """Return metadata that authorises Stages."""
    return {"annotations": {STAGE: ",".join(stages)}}


def test_a_stage_finds_its_applications() -> None:
    """Those it is authorised for, as it stands now."""
    index = ApplicationIndex()
    put(index, "b", metadata=authorised("shop:prod", "shop:test"))
    put(index, "a", metadata=authorised("shop:prod"))
    put(index, "c", metadata=authorised("shop:*"))
    assert index.of_stage("shop", "prod") == [("argocd", "a"), ("argocd", "b")]
    change = put(index, "b", 2, metadata=authorised("shop:uat"))
    assert change == IndexChange(
        "argocd", "b", (("shop", "uat"), ("shop", "prod"), ("shop", "test")), matters=True
    )
    assert index.of_stage("shop", "test") == []
    assert set(index.stages()) == {("shop", "prod"), ("shop", "uat")}
    assert index.drop("argocd", "a") == IndexChange(
        "argocd", "a", (("shop", "prod"),), matters=True
    )
    assert index.drop("argocd", "a") is None
    assert list(index.stages()) == [("shop", "uat")]


def test_what_is_older_than_is_known_is_left() -> None:
    """A list that was made before a change may be read after it."""
    index = ApplicationIndex()
    put(index, "a", 5)
    assert put(index, "a", 4, status={"health": {"status": "Degraded"}}) is None
    assert put(index, "a", 5) is None
    assert (index.get("argocd", "a") or {})["status"]["health"]["status"] == "Healthy"


def test_a_look_alone_is_no_change() -> None:
    """Argo CD looks every few minutes, and asks itself to; that it has looked since the operation ended does matter."""
    index = ApplicationIndex()

    def look(version: int, reconciled: str, **metadata: Any) -> bool:
        status = {
            "reconciledAt": reconciled,
            "operationState": {"phase": "Succeeded", "finishedAt": "2026-01-01T00:10:00Z"},
        }
        change = put(index, "a", version, status=status, metadata=metadata)
        assert change is not None
        return change.matters

    assert look(1, "2026-01-01T00:00:00Z")
    assert not look(2, "2026-01-01T00:05:00Z")
    assert not look(3, "2026-01-01T00:05:00Z", annotations={"argocd.argoproj.io/refresh": "normal"})
    assert look(4, "2026-01-01T00:10:00Z")
    assert not look(5, "2026-01-01T00:15:00Z")


def test_applications_are_selected_by_their_labels() -> None:
    """In one namespace, ordered by name."""
    index = ApplicationIndex()
    for name, tier in (("b", "web"), ("a", "web"), ("c", "db")):
        put(index, name, metadata={"labels": {"tier": tier}})
    index.take(
        "other", "d", json.dumps(application("d", metadata={"labels": {"tier": "web"}})).encode()
    )
    found = index.select("argocd", lambda labels: labels.get("tier") == "web")
    assert found == [("argocd", "a"), ("argocd", "b")]


def test_an_application_that_cannot_be_read_is_known_by_name() -> None:
    """With the reason; it is whole again when it can be read."""
    index = ApplicationIndex()
    assert index.take("argocd", "deep", DEEP) is not None
    assert index.faults == [("argocd/deep", "it is nested too deeply to be read")]
    assert index.has("argocd", "deep")
    put(index, "deep", 2)
    assert index.faults == []


def test_bytes_are_bounded_for_those_that_no_stage_needs() -> None:
    """They are known by name then; those that a Stage is authorised for are kept all the same."""
    index = ApplicationIndex(most_bytes=1_000)
    for number in range(20):
        put(index, f"a{number}")
    assert index.bytes <= 1_000
    assert len(index) == 20
    put(index, "mine", metadata=authorised("shop:prod"))
    assert index.get("argocd", "mine") is not None
    assert index.get("argocd", "a19") is None


def test_whoever_authorises_many_stages_fills_no_memory() -> None:
    """Who may write Applications may write anything into the annotation."""
    index = ApplicationIndex(most_bytes=100_000)
    for number in range(300):
        several = [f"p{number}:s{each}" for each in range(2_000)]
        put(index, f"a{number}", metadata=authorised(*several))
    assert index.bytes <= 300_000
    assert len(index) == 300
    put(index, "a0", 2, metadata=authorised("shop:prod"))
    assert index.of_stage("shop", "prod") == [("argocd", "a0")]


def test_the_number_of_applications_is_bounded() -> None:
    """What is left out is counted; what is known goes on being followed."""
    index = ApplicationIndex(most=3)
    for number in range(5):
        put(index, f"a{number}")
    assert (len(index), index.left_out) == (3, 2)
    assert put(index, "a0", 2, status={}) is not None
    index.drop("argocd", "a1")
    assert put(index, "a4") is not None


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["", "p:s", "p:s,p:t", "q:s", "x"])),
        max_size=20,
    )
)
def test_the_index_by_stage_agrees_with_the_applications(writes: list[tuple[str, str]]) -> None:
    """After any writes, deletions included."""
    index, there = ApplicationIndex(), dict[str, str]()
    for version, (name, stages) in enumerate(writes, 1):
        if stages == "x":
            index.drop("argocd", name)
            there.pop(name, None)
        else:
            put(index, name, version, metadata=authorised(stages) if stages else {})
            there[name] = stages
    wanted: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name, stages in sorted(there.items()):
        for stage in filter(None, stages.split(",")):
            project, _, of = stage.partition(":")
            wanted.setdefault((project, of), []).append(("argocd", name))
    assert {stage: index.of_stage(*stage) for stage in index.stages()} == wanted
    assert index.bytes == sum(entry.bytes for entry in index._entries.values())
