"""What servers say when they do not take a push, and what we make of it."""

from __future__ import annotations

import pytest

from towpath.clients.git import rejections

MOVED = [
    "! [rejected] main -> main (fetch first)",
    "[rejected] (non-fast-forward)",
    "[remote rejected] (failed to update ref)",
    "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)",
    "[remote rejected] (incorrect old value provided)",
    "[remote rejected] (reference already exists)",
    "[remote rejected] (TF401028: The reference 'refs/heads/main' has already been updated by another client)",
    "[rejected] (stale info)",
]


@pytest.mark.parametrize("summary", MOVED)
def test_a_lost_race_is_tried_again(summary: str) -> None:
    """By git's own words and the forges'."""
    assert rejections.is_moved(summary)


@pytest.mark.parametrize(
    "summary",
    [
        "[remote rejected] (pre-receive hook declined)",
        "[remote rejected] (protected branch hook declined)",
        "[remote rejected] ('refs/heads/env' exists; cannot create 'refs/heads/env/prod')",
        "[remote rejected] (unpacker error)",
    ],
)
def test_a_refusal_is_not(summary: str) -> None:
    """Trying again would end the same way."""
    assert not rejections.is_moved(summary)


CAUSES = [
    (
        "protected branch hook declined",
        ["error: GH006: Protected branch update failed for refs/heads/main."],
        "the branch is protected",
    ),
    (
        "push declined due to repository rule violations",
        [
            "error: GH013: Repository rule violations found for refs/heads/main.",
            "- Changes must be made through a pull request.",
        ],
        "the branch is protected",
    ),
    (
        "push declined due to repository rule violations",
        [
            "error: GH013: Repository rule violations found",
            "- GITHUB PUSH PROTECTION",
            "- Push cannot contain secrets",
        ],
        "a secret",
    ),
    (
        "push declined due to repository rule violations",
        [
            "error: GH013: Repository rule violations found",
            "- Commits must have verified signatures.",
        ],
        "signed",
    ),
    (
        "protected branch hook declined",
        ["error: GH006: Protected branch update failed", "error: Cannot force-push to this branch"],
        "overwritten",
    ),
    (
        "pre-receive hook declined",
        [
            "error: GH001: Large files detected.",
            "File big is 123.45 MB; this exceeds GitHub's file size limit of 100.00 MB",
        ],
        "larger than the server allows",
    ),
    (
        "push declined due to email privacy restrictions",
        ["error: GH007: Your push would publish"],
        "address",
    ),
    (
        "refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without `workflows` permission",
        [],
        "workflow files",
    ),
    (
        "pre-receive hook declined",
        ["GitLab: You are not allowed to push code to protected branches on this project."],
        "the branch is protected",
    ),
    (
        "pre-receive hook declined",
        ["GitLab: You are not allowed to force push code to a protected branch on this project."],
        "overwritten",
    ),
    ("pre-receive hook declined", ["GitLab: Commit must be signed with a GPG key"], "signed"),
    (
        "pre-receive hook declined",
        ["GitLab: Commit message does not follow the pattern '^JIRA'"],
        "message",
    ),
    (
        "pre-receive hook declined",
        ["GitLab: Branch name does not follow the pattern"],
        "of this name",
    ),
    (
        "pre-receive hook declined",
        [
            "GitLab: You cannot push commits for 'a@b'. You can only push commits if the committer email is one of your own verified emails."
        ],
        "address",
    ),
    (
        "pre-receive hook declined",
        ['GitLab: File "x" is larger than the allowed size of 5 MiB'],
        "larger than the server allows",
    ),
    (
        "pre-receive hook declined",
        [
            "GitLab: Your push to this repository has been rejected because it would exceed storage limits."
        ],
        "no room left",
    ),
    (
        "pre-receive hook declined",
        ["GitLab: This repository is temporarily read-only."],
        "only be read",
    ),
    (
        "pre-receive hook declined",
        ["Permission denied to update branch main."],
        "the branch is protected",
    ),
    (
        "pre-receive hook declined",
        ["Branch refs/heads/main can only be modified through pull requests."],
        "the branch is protected",
    ),
    (
        "pre-receive hook declined",
        ["Gitea: Not allowed to push to protected branch main"],
        "the branch is protected",
    ),
    (
        "pre-receive hook declined",
        ["Forgejo: branch main is protected from force push"],
        "overwritten",
    ),
    (
        "pre-receive hook declined",
        ["Gitea: User permission denied for writing."],
        "the credential may not push",
    ),
    (
        "TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.",
        [],
        "the branch is protected",
    ),
    (
        "TF401027: You need the Git 'GenericContribute' permission to perform this action.",
        [],
        "the credential may not push",
    ),
    ("deny updating a hidden ref", [], "to itself"),
    ("branch is currently checked out", [], "checked out"),
    ("unpacker error", [], "store"),
    ("pre-receive hook declined", ["ticket missing"], "a hook on the server"),
]


@pytest.mark.parametrize(("reason", "remote", "said"), CAUSES)
def test_cause_and_remedy(reason: str, remote: list[str], said: str) -> None:
    """The cause is named, and what to do about it; git's own reason stays."""
    found = rejections.cause(reason, remote)
    assert said in found.what
    assert found.remedy
    assert rejections.explained(reason, remote) == f"{reason}: {found.what}; {found.remedy}"


def test_what_nobody_knows_stays_as_it_was_said() -> None:
    """No cause is made up."""
    assert rejections.explained("no", ["because"]) == "no"
