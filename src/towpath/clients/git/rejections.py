"""Why a server does not take a push, told by its words: git's own, and those of the forges.

Hooks of people say what they like, so whatever is not known here stays what it is: a refusal, with the server's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOVED: Final = (
    "non-fast-forward",
    "fetch first",
    "stale info",
    "remote ref updated since checkout",
    "cannot lock ref",
    "incorrect old value provided",
    "failed to update ref",
    "reference already exists",
    "already exists",
    "failed to lock",
    "unable to lock",
    "has already been updated by another client",
    "tf401028",
)
"""The branch is not where we think it is. A plain git server words a lost race "failed to update ref"; reading only some
of these makes promotions fail that merely had to try again."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a server refuses, and what to do about it."""

    what: str
    remedy: str


UNKNOWN: Final = Cause("", "")
_PULL_REQUEST: Final = "push to another branch (`generateTargetBranch: true`) and open a pull request, or let the credential's user push to it"
_HIDDEN: Final = Cause(
    "the server keeps this name to itself",
    "push to a branch of another name",
)

# The first that fits counts, so what says more stands before what says less.
_CAUSES: Final[tuple[tuple[tuple[str, ...], Cause], ...]] = (
    (
        ("push protection", "cannot contain secrets", "vs403654", "vs403650", "leaks detected"),
        Cause(
            "it holds what looks like a secret",
            "take it out of the files that the steps write, and make it worthless where it is real",
        ),
    ),
    (
        (
            "gh001",
            "large files detected",
            "exceeds github's file size limit",
            "larger than the allowed size",
            "exceeds the maximum file size",
            "file size limit",
            "vs403729",
            "vs402937",
            "pack exceeds maximum allowed size",
            "push is larger than",
            "entity too large",
            "maximum push size",
        ),
        Cause(
            "a file or the whole push is larger than the server allows",
            "write less into the repository, or have the limit raised",
        ),
    ),
    (
        (
            "exceed storage limits",
            "over its size limit",
            "repository size limit",
            "exceeded its user limit",
            "over quota",
            "quota exceeded",
            "no space left on device",
        ),
        Cause(
            "there is no room left on the server, or the account is over its limit",
            "make room there, or have the limit raised",
        ),
    ),
    (
        ("verified signature", "must be signed", "gpg key", "unsigned commit", "not signed"),
        Cause(
            "commits have to be signed there",
            "give git-clone an `author.signingKey` whose public half the server knows for that address",
        ),
    ),
    (
        ("without `workflow` scope", "without `workflows` permission", "without workflow scope"),
        Cause(
            "the credential may not change workflow files",
            "give its token the scope for workflows, or leave these files alone",
        ),
    ),
    (
        (
            "email privacy",
            "gh007",
            "verified emails",
            "committer email",
            "author's email",
            "not a member of team",
            "committer's email",
        ),
        Cause(
            "the author's or committer's address is not one that it accepts",
            "give git-clone an `author` whose address belongs to the credential's user",
        ),
    ),
    (
        ("commit message does not", "commit message must", "message does not follow"),
        Cause(
            "the commit's message is not of the form that it wants",
            "give git-commit a `message` that is",
        ),
    ),
    (
        (
            "branch name does not",
            "branch name must",
            "creations being restricted",
            "invalid branch name",
        ),
        Cause("a branch of this name may not be made", "give git-push another `targetBranch`"),
    ),
    (
        (
            "force push",
            "force-push",
            "deny non-fast-forward",
            "denying non-fast-forward",
            "tf401289",
            "'forcepush' permission",
        ),
        Cause(
            "the branch may not be overwritten",
            "push without `force`, or have forced pushes to it allowed",
        ),
    ),
    (
        (
            "archived",
            "read-only",
            "read only",
            "is a mirror",
            "mirror repository",
            "maintenance mode",
            "repository is disabled",
        ),
        Cause(
            "the repository can only be read",
            "promote to one that takes pushes, or wait until it does again",
        ),
    ),
    (
        (
            "protected branch",
            "gh006",
            "gh013",
            "protected from",
            "repository rule violations",
            "through a pull request",
            "through pull requests",
            "must use a pull request",
            "tf402455",
            "permission denied to update branch",
            "not allowed to push code",
            "required status check",
            "required reviews",
        ),
        Cause("the branch is protected", _PULL_REQUEST),
    ),
    (
        (
            "permission denied",
            "not authorized",
            "genericcontribute",
            "tf401027",
            "user permission denied",
            "you are not allowed",
            "insufficient permission",
            "write access",
        ),
        Cause(
            "the credential may not push",
            "give its user the right to write to the repository, or the Secret the credential of somebody who has it",
        ),
    ),
    (("hidden ref", "reserved for"), _HIDDEN),
    (
        ("branch is currently checked out",),
        Cause(
            "the repository on the server has this branch checked out",
            "push to a bare repository, or to another branch",
        ),
    ),
    (
        ("unpacker error", "remote unpack failed", "unable to create temporary object directory"),
        Cause(
            "the server could not store what was sent",
            "look to its disk and to the rights of the repository there",
        ),
    ),
    (
        ("pre-receive hook declined", "hook declined", "update hook"),
        Cause("a hook on the server said no", "do what it says, or have it changed"),
    ),
)


def is_moved(summary: str) -> bool:
    """Whether a refusal says that the branch is not where we think it is, so that trying again helps."""
    lowered = summary.lower()
    return "exists; cannot create" not in lowered and any(word in lowered for word in MOVED)


def cause(reason: str, remote: Iterable[str]) -> Cause:
    """Return why a push was refused, by git's reason and the server's lines; `UNKNOWN` where nobody knows."""
    said = "\n".join((*remote, reason)).lower()
    for words, found in _CAUSES:
        if any(word in said for word in words):
            return found
    return UNKNOWN


def explained(reason: str, remote: Iterable[str]) -> str:
    """Return git's reason with what it means and what to do, as far as that is known."""
    found = cause(reason, remote)
    return f"{reason}: {found.what}; {found.remedy}" if found.what else reason
