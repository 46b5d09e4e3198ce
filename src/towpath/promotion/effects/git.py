"""Git as steps see it: work trees in the work directory, by the paths that manifests name them by."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from towpath.promotion.effects.classes import EffectClass, effect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who commits, where the manifest says so."""

    name: str
    email: str
    signing_key: str = field(default="", repr=False)
    """A private key of GnuPG (armoured) or OpenSSH, without passphrase; empty: what is committed is not signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTree:
    """One work tree to make; of `branch`, `tag` and `commit` at most one is given, none means the default branch."""

    path: str
    branch: str = ""
    tag: str = ""
    commit: str = ""
    create: bool = False
    """Whether to make the branch, with one empty commit, where it does not exist."""
    sparse: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """What to check out from where."""

    url: str
    trees: Sequence[WantedTree]
    author: Author | None = None
    insecure: bool = False
    blobless: bool = False
    submodules: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloned:
    """What was checked out: commits in the order of the trees that were wanted."""

    repository: str
    """As messages name it."""
    commits: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitMade:
    """What a work tree is at."""

    commit: str
    branch: str
    """The branch that was checked out; empty if none was."""
    is_new: bool
    """Whether there was something to commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tag that was made, and the commit that it is on."""

    tag: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a branch or a tag of the server is at."""

    commit: str
    branch: str
    """The branch that was pushed to; of a tag, the branch that was checked out, if any."""
    url: str
    """Of the repository, as the manifest has it."""
    repository: str
    """As messages name it."""


class WhyNotPushed(enum.Enum):
    """Why a push came to nothing."""

    NO_BRANCH = "the manifest names no branch, and none was checked out"
    NO_TAG = "there is no such tag"
    REFUSED = "the server said no"
    EXHAUSTED = "the branch moved at each try"
    UNCLEAN = "the branch moved, and the work tree has changes that are not committed"
    CONFLICTING = "the branch that was checked out moved, and both sides changed the same"
    CONFLICTING_ELSEWHERE = "another branch than was checked out is different in the same places"
    UNSAFE = "the branch moved, and a commit cannot follow without losing its signature"


@dataclass(frozen=True, slots=True)
class NotPushed:
    """A push that came to nothing."""

    why: WhyNotPushed
    message: str
    """With names, remedy, and what the server wrote."""


class GitDoor(Protocol):
    """Git for one step. What cannot be done raises one of `towpath.errors`, with what the server wrote."""

    @effect(EffectClass.CONVERGENT)
    async def clone(self, wanted: Clone) -> Cloned:
        """Make work trees; what an interrupted run of the same step has left at their paths goes first.

        Raises TooLarge for what passes a bound, AlreadyExists where there is something at a path, NotFound.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def commit(self, path: str, *, message: str, author: Author | None = None) -> CommitMade:
        """Commit all that changed in the work tree at a path; done again, it is the same commit.

        Who commits is `author`, else the author of the git-clone step, else whom the operator names. Raises NotFound.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def tag(self, path: str, tag: str, *, message: str, force: bool = False) -> Tagged:
        """Make an annotated tag on the commit of the work tree at a path; it goes nowhere before it is pushed.

        Made again it is the same tag. Raises NotFound, AlreadyExists where the name is taken, here or on the server, unless
        `force`, and what reaching the server raises.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def clear(self, path: str) -> None:
        """Delete every file of the work tree at a path that is tracked or would be. Raises NotFound."""
        ...

    @effect(EffectClass.PROBED)
    async def push(
        self, path: str, branch: str = "", *, force: bool = False, most_tries: int | None = None
    ) -> Sent | NotPushed:
        """Get the commits of the work tree at a path onto a branch, together with what reached that meanwhile.

        Without a name it is the branch that was checked out. `force`: whatever is there is replaced. `most_tries`: None for
        as long as there is patience. The commit is in the journal before it is sent: after a crash, a branch that holds it
        means that the push is done. Raises NotFound, and what reaching the server raises.
        """
        ...

    @effect(EffectClass.PROBED)
    async def push_tag(self, path: str, tag: str) -> Sent | NotPushed:
        """Send a tag that was made in the work tree at a path. Raises as `push`."""
        ...
