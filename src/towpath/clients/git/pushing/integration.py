"""Puts our commits together with what reached the branch meanwhile, without a work tree.

What others did not change, and scalars that were set, need no merge (`picking`). The rest of rebasing and merging rests
on `git merge-tree`, which works on commits alone; a rebase merges one commit after the other onto the new base. The
policies are Kargo's.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import ancestry, commits, objects, tree_edits
from towpath.clients.git.pushing import picking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.clients.git.objects.person import Person
    from towpath.clients.git.objects.signing import Signer
    from towpath.clients.git.pushing.picking import Edits


class Policy(StrEnum):
    """`GIT_PUSH_INTEGRATION_POLICY`: how a push copes with a branch that moved."""

    ALWAYS_REBASE = "AlwaysRebase"
    REBASE_OR_MERGE = "RebaseOrMerge"
    REBASE_OR_FAIL = "RebaseOrFail"
    ALWAYS_MERGE = "AlwaysMerge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Committer:
    """Who makes the commits that integration needs, when, and with which signature."""

    person: Person
    when: datetime
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class Integrated:
    """`commit` holds both sides and can be pushed."""

    commit: str


@dataclass(frozen=True, slots=True)
class Conflicted:
    """Both sides changed `paths` in ways that exclude each other."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsafe:
    """The policy forbids a rebase that would lose or fake a signature of `commit`."""

    commit: str


Result = Integrated | Conflicted | Unsafe


_NONE: Final[Edits] = {}


async def integrate(
    mirror: Mirror,
    *,
    ours: str,
    theirs: str,
    policy: Policy,
    branch: str,
    committer: Committer,
    edits: Edits = _NONE,
) -> Result:
    """Bring `ours` and `theirs`, both commits of the mirror, together as `policy` says.

    `edits`: what scalars we set in which files, to be set again in theirs.
    """
    lacking = await ancestry.lacking(mirror, theirs, ours)
    on_top = lacking.fork == theirs if lacking else await objects.is_ancestor(mirror, theirs, ours)
    if on_top:
        return Integrated(ours)
    merging = functools.partial(
        merge, mirror, ours=ours, theirs=theirs, branch=branch, committer=committer, edits=edits
    )
    if policy is Policy.ALWAYS_MERGE:
        return await merging()
    if policy is not Policy.ALWAYS_REBASE:
        unsafe = await unsafe_to_rebase(mirror, ours, theirs, committer.signer)
        if unsafe is not None and policy is Policy.REBASE_OR_FAIL:
            return Unsafe(unsafe)
        if unsafe is not None:
            return await merging()
    return await rebase(mirror, ours=ours, theirs=theirs, committer=committer, edits=edits)


async def rebase(
    mirror: Mirror, *, ours: str, theirs: str, committer: Committer, edits: Edits = _NONE
) -> Integrated | Conflicted:
    """Put the commits of `ours` that `theirs` lacks on top of it, as `git pull --rebase` does.

    Author, date of authorship and message stay; merge commits are left out, and so is a commit whose
    change is there already.
    """
    tip = theirs
    for commit in await _lacking(mirror, theirs, ours, "--no-merges"):
        original = await objects.read_commit(mirror, commit)
        before = await objects.read_commit(mirror, tip)
        tree = await _picked(mirror, original, before, edits)
        if isinstance(tree, Conflicted):
            return tree
        if tree != before.tree:
            tip = await _again(mirror, original, tree, tip, committer)
    return Integrated(tip)


async def merge(
    mirror: Mirror,
    *,
    ours: str,
    theirs: str,
    branch: str,
    committer: Committer,
    edits: Edits = _NONE,
) -> Integrated | Conflicted:
    """Merge `theirs` into `ours` with a commit of two parents, as `git pull --no-rebase` does."""
    if await objects.is_ancestor(mirror, ours, theirs):
        return Integrated(theirs)
    lacking = await ancestry.lacking(mirror, theirs, ours)
    tree: str | Conflicted | None = None
    if lacking is not None:
        tree = await picking.picked(
            mirror, before=lacking.fork, after=ours, tip=theirs, edits=edits
        )
    if tree is None:
        tree = await _merged(mirror, ours, theirs)
    if isinstance(tree, Conflicted):
        return tree
    made = await commits.commit(
        mirror,
        tree=tree,
        parents=(ours, theirs),
        message=f"Merge branch '{branch}' of {mirror}",
        author=committer.person,
        committer=committer.person,
        when=committer.when,
        signer=committer.signer,
    )
    return Integrated(made)


async def unsafe_to_rebase(
    mirror: Mirror, ours: str, theirs: str, signer: Signer | None
) -> str | None:
    """Return the first commit of `ours` that must not be made again, or None.

    Safe is a commit signed by the key that will sign again, or an unsigned one while nothing is signed.
    """
    for commit in await _lacking(mirror, theirs, ours):
        signed = (await objects.read_commit(mirror, commit)).signed
        if signed != (signer is not None):
            return commit
        if signer is not None and not await _signed_by(mirror, commit, signer):
            return commit
    return None


async def _signed_by(mirror: Mirror, commit: str, signer: Signer) -> bool:
    finished = await mirror.run("cat-file", "commit", commit)
    text = mirror.expect(finished, "reading commits of")
    payload, signature = commits.without_signature(text)
    return await signer.made(mirror.git, payload, signature)


async def _lacking(mirror: Mirror, theirs: str, ours: str, *options: str) -> Sequence[str]:
    """Return the commits of `ours` that `theirs` lacks, oldest first."""
    known = await ancestry.lacking(mirror, theirs, ours)
    if known is not None:
        return known.commits
    finished = await mirror.run(
        "rev-list", "--reverse", "--topo-order", *options, f"{theirs}..{ours}", "--"
    )
    return mirror.expect(finished, "comparing commits of").decode("ascii").split()


async def _picked(
    mirror: Mirror, commit: objects.Commit, onto: objects.Commit, edits: Edits
) -> str | Conflicted:
    """Return the tree of `onto` with the change that `commit` made to its first parent.

    merge-tree finds the base by ancestry, so three parentless stand-ins give it the one that is meant.
    """
    before = await tree_edits.edit(mirror, None, {}) if not commit.parents else None
    parent_tree = before or (await objects.read_commit(mirror, commit.parents[0])).tree
    tree = await picking.picked(
        mirror, before=parent_tree, after=commit.tree, tip=onto.tree, edits=edits
    )
    if tree is not None:
        return tree
    base = _stand_in(mirror, parent_tree)
    return await _merged(
        mirror, _stand_in(mirror, onto.tree, base), _stand_in(mirror, commit.tree, base)
    )


def _stand_in(mirror: Mirror, tree: str, *parents: str) -> str:
    nobody = "towpath <> 0 +0000"
    return commits.store(
        mirror, tree=tree, parents=parents, author=nobody, committer=nobody, message="stand-in\n"
    )


async def _merged(mirror: Mirror, ours: str, theirs: str) -> str | Conflicted:
    finished = await mirror.reach(
        "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs
    )
    if finished.code not in (0, 1):
        if "unrelated histories" in finished.stderr:
            return Conflicted(tuple(await objects.paths(mirror, ours)))
        raise mirror.failure(finished, "merging commits of")
    tree, *conflicts = (os.fsdecode(part) for part in finished.stdout.split(b"\0") if part)
    if not finished.code:
        return tree.strip()
    # Of a file that a folder or a link has taken the place of, git makes a name that nobody knows.
    names = (each.removesuffix(f"~{ours}").removesuffix(f"~{theirs}") for each in conflicts)
    return Conflicted(tuple(dict.fromkeys(names)))


async def _again(
    mirror: Mirror, original: objects.Commit, tree: str, tip: str, committer: Committer
) -> str:
    return await commits.commit(
        mirror,
        tree=tree,
        parents=(tip,),
        message=original.message,
        author=committer.person,
        authored=original.author,
        committer=committer.person,
        when=committer.when,
        signer=committer.signer,
    )
