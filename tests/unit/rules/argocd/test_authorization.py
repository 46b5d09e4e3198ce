"""Who may change an Application, and what a refusal offers."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.support.applications import application
from towpath.rules.argocd.authorization import is_authorized, permission, refusal, stages

KEY = "kargo.akuity.io/authorized-stage"


@pytest.mark.parametrize(
    ("annotation", "is_allowed"),
    [
        ("shop:prod", True),
        (" shop : prod ,\tother:x\n", True),
        ("a:b,shop:prod", True),
        ("shop:prod:x", False),
        (None, False),
        ("", False),
        ("shop:prod,", False),
        ("shop:*", False),
        ("shop:prod,*:x", False),
        ("shop:prod,c", False),
        ("SHOP:prod", False),
    ],
)
def test_an_annotation_is_believed_whole_or_not_at_all(
    annotation: str | None, is_allowed: bool
) -> None:
    """One entry that may mean anything spoils all."""
    assert is_authorized(annotation, "shop", "prod") is is_allowed


def test_a_refusal_contains_what_to_apply() -> None:
    """Who was allowed before stays so, and applied it allows."""
    found = application(metadata={"annotations": {KEY: "shop:test"}})
    said = refusal(found, "shop", "prod")
    command = shlex.split(said[said.index("kubectl") :])
    patch = json.loads(command[-1])
    assert patch == permission(found, "shop", "prod").patch
    after = patch["metadata"]["annotations"][KEY]
    assert stages(after) == frozenset({("shop", "test"), ("shop", "prod")})
    assert command[:6] == ["kubectl", "-n", "argocd", "patch", "applications.argoproj.io", "web"]


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ({}, "it has no annotation"),
        ({KEY: "*"}, "is no list of PROJECT:STAGE"),
        ({KEY: "a:b"}, "names 'a:b'"),
    ],
)
def test_a_refusal_says_why(annotations: dict[str, str], why: str) -> None:
    """With the Application and the Stage by name."""
    said = refusal(application(metadata={"annotations": annotations}), "shop", "prod")
    assert why in said
    assert 'Application "web" in namespace "argocd"' in said
    assert "Stage prod of Project shop" in said
