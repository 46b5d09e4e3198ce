"""From client-side apply to server-side."""

from __future__ import annotations

import json

import pytest

from tests.support.managing import Document, apply, thing, update
from towpath.errors import Conflict

KEY = "kubectl.kubernetes.io/last-applied-configuration"


def client_side(**spec: object) -> Document:
    """Return a document as client-side apply has made it of what it applied."""
    applied = thing(**spec)
    made = thing(**spec)
    made["metadata"]["annotations"] = {KEY: json.dumps(applied)}
    return update(None, made, "kubectl-client-side-apply")


def test_kubectl_goes_on_owning_what_it_applied() -> None:
    """It is no conflict for it; for others it is one."""
    made = client_side(size=1, labels={"a": "1"})
    with pytest.raises(Conflict):
        apply(made, thing(size=2), "other")
    assert apply(made, thing(size=2), "kubectl")["spec"] == {"size": 2, "labels": {"a": "1"}}


def test_what_has_been_changed_since_is_a_conflict() -> None:
    """Only that is told."""
    made = client_side(size=1, labels={"a": "1", "b": "1"})
    changed = {**made, "spec": {"size": 1, "labels": {"a": "9", "b": "1"}}}
    written = update(made, changed, "other")
    with pytest.raises(Conflict) as refused:
        apply(written, thing(size=2, labels={"a": "2"}), "kubectl")
    assert [(cause.path, cause.detail) for cause in refused.value.causes] == [
        (".spec.labels.a", 'conflict with "other" using example.com/v1')
    ]


@pytest.mark.parametrize(
    "annotation",
    [
        "",
        "{",
        "[]",
        '{"spec":{"size":1}}',
        '{"apiVersion":"example.com/v0","spec":{"size":1}}',
        '{"apiVersion":"example.com/v1","spec":{"args":[{}],"size":1}}',
    ],
)
def test_an_annotation_that_says_nothing_allows_nothing(annotation: str) -> None:
    """Broken, of another version, or no configuration that could be applied."""
    before = thing(size=1)
    before["metadata"]["annotations"] = {KEY: annotation}
    made = update(None, before, "kubectl-client-side-apply")
    with pytest.raises(Conflict):
        apply(made, thing(size=2), "kubectl")


def test_the_annotation_is_kept_in_step() -> None:
    """It says what was applied, but for itself, as kubectl writes it; older kubectls go on from there."""
    made = client_side(size=1)
    moved = apply(made, thing(size=2), "kubectl")
    text = moved["metadata"]["annotations"][KEY]
    assert text == (
        '{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"annotations":{},"name":"t"},"spec":{"size":2}}\n'
    )
    config = thing(size=3)
    config["metadata"]["annotations"] = {KEY: "whatever", "a": "<1>"}
    again = apply(moved, config, "kubectl", force=True)
    assert r'"annotations":{"a":"\u003c1\u003e"}' in again["metadata"]["annotations"][KEY]


def test_an_annotation_that_would_be_too_large_is_emptied() -> None:
    """All annotations together have 256 KiB."""
    made = client_side(size=1)
    moved = apply(made, thing(size=1, labels={"a": "x" * (256 << 10)}), "kubectl")
    assert moved["metadata"]["annotations"][KEY] == ""


def test_others_leave_the_annotation_alone() -> None:
    """And kubectl makes none where there is none."""
    made = client_side(size=1)
    other = apply(made, thing(labels={"a": "1"}), "other")
    assert other["metadata"]["annotations"] == made["metadata"]["annotations"]
    assert "annotations" not in apply(None, thing(size=1), "kubectl")["metadata"]
