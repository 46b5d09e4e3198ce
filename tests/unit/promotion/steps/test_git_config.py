"""What the git steps take as configuration, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.promotion.step_registry import InvalidConfig, StepRegistry
from towpath.promotion.steps.git_clone import GitClone
from towpath.promotion.steps.git_commit import GitCommit
from towpath.promotion.steps.git_push import GitPush

REGISTRY = StepRegistry([GitClone(), GitCommit(), GitPush()])


def _read(uses: str, config: dict[str, Any]) -> Any:
    found = REGISTRY.find(uses)
    assert found is not None
    return found.read(config)


def _clone(**checkout: Any) -> dict[str, Any]:
    return {"repoURL": "https://git.example/a", "checkout": [{"path": "./src", **checkout}]}


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("git-clone", _clone()),
    ("git-clone", _clone(branch="main", tag="", commit="")),
    ("git-clone", _clone(branch="b", create=True, sparse=["env/prod"], **{"as": "x"})),
    (
        "git-clone",
        {
            **_clone(tag="v1"),
            "author": {"name": "A", "email": "a@example.com", "signingKey": "k"},
            "insecureSkipTLSVerify": True,
            "recurseSubmodules": False,
            "blobless": True,
        },
    ),
    ("git-commit", {"path": "./src", "message": "x"}),
    (
        "git-commit",
        {"path": "./src", "message": "x", "author": {"name": "A", "email": "a@example.com"}},
    ),
    ("git-push", {"path": "./src"}),
    ("git-push", {"path": "./src", "targetBranch": "x", "generateTargetBranch": False, "tag": ""}),
    ("git-push", {"path": "./src", "generateTargetBranch": True, "maxAttempts": 1}),
    ("git-push", {"path": "./src", "tag": "v1", "force": False}),
    ("git-push", {"path": "./src", "force": True, "provider": "gitea"}),
]


@pytest.mark.parametrize(("uses", "config"), ACCEPTED)
def test_accepted(uses: str, config: dict[str, Any]) -> None:
    """As the reference's schemas have it."""
    assert _read(uses, config)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("git-clone", {}, "repoURL"),
    ("git-clone", {"repoURL": "", "checkout": [{"path": "x"}]}, "repoURL"),
    ("git-clone", {"repoURL": "https://git.example/a", "checkout": []}, "checkout"),
    ("git-clone", _clone(path=""), "path"),
    ("git-clone", _clone(branch="a", tag="b"), "at most one of branch, commit and tag"),
    ("git-clone", _clone(sparse=[""]), "sparse"),
    ("git-clone", _clone(brunch="a"), "brunch"),
    ("git-clone", {**_clone(), "author": {"name": "A"}}, "email"),
    ("git-clone", {**_clone(), "author": {"name": "A", "email": "nobody"}}, "email"),
    ("git-commit", {"path": "./src"}, "message"),
    ("git-commit", {"path": "./src", "message": ""}, "message"),
    ("git-push", {}, "path"),
    ("git-push", {"path": "x", "targetBranch": "a", "tag": "b"}, "at most one of targetBranch"),
    ("git-push", {"path": "x", "targetBranch": "a", "generateTargetBranch": True}, "at most one"),
    ("git-push", {"path": "x", "tag": "b", "force": True}, "force cannot be used with tag"),
    ("git-push", {"path": "x", "maxAttempts": 0}, "maxAttempts"),
    ("git-push", {"path": "x", "provider": "sourcehut"}, "provider"),
]


@pytest.mark.parametrize(("uses", "config", "said"), REFUSED)
def test_refused(uses: str, config: dict[str, Any], said: str) -> None:
    """The message names the step and the field."""
    with pytest.raises(InvalidConfig, match=f"invalid {uses} config:.*{said}"):
        _read(uses, config)


def test_defaults() -> None:
    """Ten attempts; nothing else is on by itself."""
    push = _read("git-push", {"path": "x"})
    assert push.max_attempts == 10
    assert not push.force
    clone = _read("git-clone", _clone())
    assert not any((clone.insecure_skip_tls_verify, clone.recurse_submodules, clone.blobless))


def test_the_signing_key_is_not_shown() -> None:
    """Neither by the step's record of a work tree."""
    from towpath.clients.git.objects.signing import Signer
    from towpath.promotion.checkout import Checkout

    made = Checkout(step="a", url="u", is_signed=True, signer=Signer("gpg", "very-secret"))
    assert "very-secret" not in repr(made)
