"""The comparison with a real API server: what counts as a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tools.oracle import compare, kinds, transcript
from tools.oracle.normalise import normalised
from tools.oracle.runner import Answer

if TYPE_CHECKING:
    from pathlib import Path


def _answers(*bodies: Any) -> list[Answer]:
    return [
        Answer(f"step {number}", 200, "application/json", (), body)
        for number, body in enumerate(bodies)
    ]


def _object(version: str, uid: str = "0b50a409-dd75-4e57-96a5-0684ad2fb949") -> dict[str, Any]:
    metadata = {"name": "a", "uid": uid, "resourceVersion": version}
    return {"kind": "ConfigMap", "metadata": metadata}


def test_other_versions_and_uids_are_no_difference() -> None:
    """Numbers that only their order gives a meaning are compared by it."""
    here = normalised(_answers(_object("7"), _object("9")))
    other = "1b50a409-dd75-4e57-96a5-0684ad2fb949"
    there = normalised(_answers(_object("100", other), _object("200", other)))
    assert not compare.differences("t", here, there)


def test_a_version_that_stays_differs_from_one_that_changes() -> None:
    """Whether a write was one can be seen by the resource version alone."""
    here = normalised(_answers(_object("7"), _object("7")))
    there = normalised(_answers(_object("100"), _object("200")))
    found = compare.differences("t", here, there)
    assert [each.part for each in found] == ["body.metadata.resourceVersion"]


def test_the_order_of_managers_is_no_difference_but_their_fields_are() -> None:
    """An API server orders managers by the second they wrote in."""
    first = {"manager": "a", "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": {}}
    second = {"manager": "b", "operation": "Apply", "time": "2026-01-01T00:00:01Z", "fieldsV1": {}}

    def by(*entries: dict[str, Any]) -> dict[str, Any]:
        return normalised(_answers({"metadata": {"managedFields": list(entries)}}))

    assert not compare.differences("t", by(first, second), by(second, first))
    changed = {**second, "fieldsV1": {"f:data": {}}}
    assert compare.differences("t", by(first, second), by(changed, first))


def test_generated_names_and_ages_are_placeholders() -> None:
    """A generated suffix is replaced wherever it stands; ages of Tables depend on when one looks."""
    made = {"metadata": {"name": "made-x1y2z", "generateName": "made-"}}
    table = {
        "kind": "Table",
        "metadata": {},
        "columnDefinitions": [{"name": "Name", "description": "x"}],
        "rows": [{"cells": ["made-x1y2z", "3s"]}],
    }
    found = normalised(_answers(made, table))
    assert found["step 1"]["body"]["rows"][0]["cells"] == ["made-<generated>", "<age>"]


def test_a_missing_part_and_another_type_are_differences() -> None:
    """`1`, `True` and `"1"` are three values, and nothing is none of them."""
    here = normalised(_answers({"a": 1, "b": 2}))
    there = normalised(_answers({"a": True, "c": 2}))
    parts = {each.part for each in compare.differences("t", here, there)}
    assert parts == {"body.a", "body.b", "body.c"}


def test_what_is_accepted_must_occur() -> None:
    """An acceptance that covers nothing fails the comparison, as a difference that none covers does."""
    difference = compare.Difference("t/step", "body.message", "a", "b")
    acceptance = compare.Acceptance("t/*", ("body.message",), "wording")
    assert compare.judged(1, [difference], [acceptance]).is_good
    assert not compare.judged(1, [], [acceptance]).is_good
    assert not compare.judged(1, [difference], []).is_good


def test_our_answer_can_be_pinned() -> None:
    """Where more differs than is worth telling, what ours must be is told all the same."""
    pinned = compare.Acceptance("t/*", ("*",), "ours is right", {"status": 400})
    assert pinned.covers(compare.Difference("t/step", "status", 500, 400))
    assert not pinned.covers(compare.Difference("t/step", "status", 500, 200))
    assert pinned.covers(compare.Difference("t/step", "body.code", 500, 400))


def test_each_place_of_an_acceptance_must_occur(tmp_path: Path) -> None:
    """One reason for several places is one acceptance for each of them."""
    told = [{"where": ["t/a", "t/b"], "part": ["status", "body.code"], "reason": "later servers"}]
    (tmp_path / "accepted.yaml").write_text(yaml.safe_dump(told))
    found = compare.accepted(tmp_path / "accepted.yaml")
    assert [each.where for each in found] == ["t/a", "t/b"]
    verdict = compare.judged(2, [compare.Difference("t/a", "body.code", 500, 400)], found)
    assert [each.where for each in verdict.stale] == ["t/b"]


def test_every_acceptance_has_a_reason() -> None:
    """The list says why, for each."""
    assert all(len(acceptance.reason) > 20 for acceptance in compare.accepted())


@pytest.mark.parametrize("each", transcript.load_all(), ids=lambda each: each.name)
def test_a_transcript_keeps_what_it_refers_to(each: transcript.Transcript) -> None:
    """Every `${name}` was kept by an earlier step."""
    known = dict.fromkeys(("ns", "core", "kargo", "argo", "rbac"), "x")
    for step in each.steps:
        transcript.filled([step.target, step.headers, step.body], known)
        known |= dict.fromkeys(step.keep, "x")


def test_an_object_made_again_is_another() -> None:
    """Uids tell objects of one name apart; each has its versions, whatever others were written in between."""
    first, second = (
        "0" * 8 + "-dd75-4e57-96a5-0684ad2fb949",
        "1" * 8 + "-dd75-4e57-96a5-0684ad2fb949",
    )
    owned = {"metadata": {"ownerReferences": [{"uid": second}]}}
    found = normalised(
        _answers(_object("7", first), _object("9", second), _object("12", first), owned)
    )
    shown = [found[f"step {number}"]["body"]["metadata"] for number in range(4)]
    assert [each.get("uid") for each in shown[:3]] == [
        "<uid 1 of a>",
        "<uid 2 of a>",
        "<uid 1 of a>",
    ]
    assert [each.get("resourceVersion") for each in shown[:3]] == [
        "<version 1>",
        "<version 1>",
        "<version 2>",
    ]
    assert shown[3]["ownerReferences"] == [{"uid": "<uid 2 of a>"}]


def test_items_that_managers_own_are_named_by_placeholders() -> None:
    """An owner reference is known by its uid, also where it is the key of a field."""
    uid = "0b50a409-dd75-4e57-96a5-0684ad2fb949"
    fields: dict[str, Any] = {
        "f:metadata": {"f:ownerReferences": {f'k:{{"uid":"{uid}"}}': {".": {}}}}
    }
    entry = {"manager": "m", "operation": "Apply", "fieldsV1": fields}
    owner, owned = _object("1", uid), {"metadata": {"managedFields": [entry]}}
    shown = normalised(_answers(owner, owned))["step 1"]["body"]["metadata"]["managedFields"]
    assert shown["m Apply"]["fieldsV1"]["f:metadata"]["f:ownerReferences"] == {
        'k:{"uid":"<uid 1 of a>"}': {".": {}}
    }


def test_an_adapted_definition_differs_only_in_what_1_20_cannot_merge_by() -> None:
    """Names, versions and lists stay; fields that are numbers or texts are of any type."""
    for definition in kinds.definitions():
        adapted = kinds.adapted(definition)
        assert adapted["spec"]["names"] == definition["spec"]["names"]
        assert adapted["metadata"] == definition["metadata"]
        told, left = str(adapted), str(definition)
        assert "int-or-string" not in told
        assert told.count("list-map-keys") == left.count("list-map-keys")
        assert ("int-or-string" in left) is (adapted != definition)
