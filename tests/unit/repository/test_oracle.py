"""The comparison with a real API server: what counts as a difference."""

from __future__ import annotations

from typing import Any

import pytest

from tools.oracle import compare, kinds, transcript
from tools.oracle.normalise import normalised
from tools.oracle.runner import Answer


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
    acceptance = compare.Acceptance("t/*", "body.message", "wording")
    assert compare.judged(1, [difference], [acceptance]).is_good
    assert not compare.judged(1, [], [acceptance]).is_good
    assert not compare.judged(1, [difference], []).is_good


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


def test_an_adapted_definition_differs_only_where_an_api_server_objects() -> None:
    """Names, versions and the kinds of fields stay."""
    for definition in kinds.definitions():
        adapted = kinds.adapted(definition)
        assert adapted["spec"]["names"] == definition["spec"]["names"]
        assert adapted["metadata"] == definition["metadata"]
