"""What is sent to have an Application synced, and what takes it back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications import PROMOTION, application, operation, state
from towpath.rules.argocd.operation import SyncOptions, message, patch, refresh, withdrawal

POLICY = {
    "automated": {"prune": True},
    "retry": {"limit": 5, "refresh": True, "backoff": {"duration": "5s"}},
    "syncOptions": ["ServerSideApply=true"],
}


def _sent(actor: str = "", options: SyncOptions | None = None, **more: Any) -> dict[str, Any]:
    return patch(application(**more), promotion=PROMOTION, actor=actor, options=options)


def test_a_persons_promotion_is_manual_and_any_other_automatic() -> None:
    """Sync windows treat the two differently."""
    assert _sent("odile")["operation"]["initiatedBy"] == {"username": "odile", "automated": False}
    by = _sent()["operation"]["initiatedBy"]
    assert by == {"username": "kargo-controller", "automated": True}


def test_the_policy_of_the_application_counts() -> None:
    """Retry without what its API does not know, options, and whether it prunes."""
    sent = _sent(spec={"syncPolicy": POLICY})["operation"]
    assert sent["retry"] == {"limit": 5, "backoff": {"duration": "5s"}}
    assert sent["sync"] == {"syncOptions": ["ServerSideApply=true"], "prune": True}


@pytest.mark.parametrize(
    "policy",
    [
        None,
        {},
        {"automated": {}},
        {"automated": {"prune": True, "enabled": False}},
        {"automated": []},
        "x",
    ],
)
def test_nothing_is_pruned_otherwise(policy: Any) -> None:
    """And `sync` is there all the same: Argo CD ends an operation without it in an error."""
    sent = _sent(spec={"syncPolicy": policy})["operation"]
    assert (sent["sync"], sent["retry"]) == ({}, {})


def test_a_step_may_say_otherwise() -> None:
    """What it says counts more than the policy."""
    options = SyncOptions(
        resources=({"group": "apps", "kind": "Deployment", "name": "web"},),
        prune=False,
        dry_run=True,
        options=(),
        strategy="apply",
        force=True,
    )
    assert _sent(options=options, spec={"syncPolicy": POLICY})["operation"]["sync"] == {
        "syncOptions": [],
        "resources": [{"group": "apps", "kind": "Deployment", "name": "web"}],
        "dryRun": True,
        "syncStrategy": {"apply": {"force": True}},
    }


def test_the_former_state_goes_and_the_version_is_held_to() -> None:
    """Else the controller would report the old result as the new one's."""
    sent = _sent(status=state(), metadata={"resourceVersion": "7"})
    assert sent["status"] == {"operationState": None}
    assert sent["metadata"] == {
        "annotations": {"argocd.argoproj.io/refresh": "hard"},
        "resourceVersion": "7",
    }
    assert "status" not in _sent()


def test_the_promotion_is_named() -> None:
    """By it the operation is known again."""
    names = [each["name"] for each in _sent()["operation"]["info"]]
    assert names == ["Reason", "kargo.akuity.io/promotion"]


@pytest.mark.parametrize(
    ("more", "is_withdrawn"),
    [
        ({"operation": operation()}, True),
        ({"operation": operation(), "status": state("Succeeded", promotion="other")}, True),
        (
            {
                "operation": operation(),
                "status": state("Running", promotion="other", finished=None),
            },
            True,
        ),
        ({"operation": operation(), "status": state("Running", finished=None)}, False),
        ({"operation": operation(None)}, False),
        ({}, False),
        ({"status": state("Running", finished=None)}, False),
    ],
)
def test_only_what_has_not_begun_is_taken_back(more: dict[str, Any], is_withdrawn: bool) -> None:
    """And only our own."""
    found = withdrawal(application(metadata={"resourceVersion": "7"}, **more), PROMOTION)
    assert (found is not None) is is_withdrawn
    if found is not None:
        assert found == {"operation": None, "metadata": {"resourceVersion": "7"}}


def test_messages() -> None:
    """As Argo CD's own API words them."""
    assert message([{"targetRevision": "v1"}]) == "kargo-controller initiated sync to v1"
    assert message([{}]) == "kargo-controller initiated sync to HEAD"
    assert message([{}, {}]) == "kargo-controller initiated sync to 2 sources"
    assert message([]) == "kargo-controller initiated sync"
    assert refresh("normal")["metadata"]["annotations"] == {"argocd.argoproj.io/refresh": "normal"}
