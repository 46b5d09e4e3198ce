"""Finds out what a checkout of a commit would write, and refuses what is too large; nothing is fetched or written.

What was found out about a tree is kept: an object never changes, so the next commit costs what it changed.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import logging
import os
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.git import git_errors
from towpath.clients.git.mirrors import extent
from towpath.clients.git.mirrors.extent import Extent
from towpath.clients.git.objects import stored
from towpath.clients.git.objects.object_reader import ObjectReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from towpath.clients.git.mirrors.extent import CheckoutBounds, Tree
    from towpath.clients.git.mirrors.mirror import Mirror

log = logging.getLogger("towpath.clients.git")


async def fit(
    mirror: Mirror,
    commit: str,
    path: Path,
    *,
    sparse: Sequence[str],
    bounds: CheckoutBounds,
    beside: str = "",
) -> Extent:
    """Return what a checkout of `commit` at `path` writes; blobs that it needs are in the mirror then.

    `sparse`: the directories it is narrowed to. `beside` says what the bounds are shared with, for messages. Raises
    TooLarge for what is more than `bounds` allow, RefNotFound when the mirror does not have the commit, Timeout, and
    what fetching blobs raises.
    """
    cones = frozenset(os.fsencode(each) for each in sparse)
    key = bytes.fromhex(commit) + b"\0".join(sorted(cones))
    what = f"commit {commit[:12]} of {mirror}"
    above = len(os.fsencode(path))
    found = mirror.measures.checkouts.get(key)
    if found is None:
        async with mirror.measures.turn(key):
            found = mirror.measures.checkouts.get(key)
            if found is None:
                found, missing = await _measured(mirror, commit, cones, bounds)
                if missing and mirror.options.blobless:
                    extent.check(what, found, bounds, above=above, beside=beside)
                    # Git would fetch them itself while it writes; but their sizes are to be known before.
                    await mirror.fetch_blobs(missing)
                    found, missing = await _measured(mirror, commit, cones, bounds)
                if not missing:
                    mirror.measures.checkouts.keep({key: found})
    extent.check(what, found, bounds, above=above, beside=beside)
    return found


async def _measured(
    mirror: Mirror, commit: str, cones: frozenset[bytes], bounds: CheckoutBounds
) -> tuple[Extent, list[str]]:
    """Return the extent and the blobs that the mirror lacks, which count as files without bytes.

    It is done once more if a signal ended git on the way.
    """
    try:
        return await _measured_once(mirror, commit, cones, bounds)
    except git_errors.Killed as error:
        log.warning("git was killed", extra={"command": "cat-file", "cause": str(error)})
        return await _measured_once(mirror, commit, cones, bounds)


async def _measured_once(
    mirror: Mirror, commit: str, cones: frozenset[bytes], bounds: CheckoutBounds
) -> tuple[Extent, list[str]]:
    reader = ObjectReader(mirror)
    measuring = _Measuring(mirror, reader, commit, bounds)
    seconds = mirror.git.local_seconds
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.to_thread(measuring.run, cones)
    except TimeoutError as error:
        raise errors.Timeout(
            f"{measuring.what}: its files were not counted within {seconds:g} s"
        ) from error
    finally:
        reader.end()  # the thread ends by that as well, whatever became of us
    return found, measuring.missing


class _Measuring:
    """One measurement, on a thread."""

    def __init__(
        self, mirror: Mirror, reader: ObjectReader, commit: str, bounds: CheckoutBounds
    ) -> None:
        self.what = f"commit {commit[:12]} of {mirror}"
        self.missing: list[str] = []
        self._mirror = mirror
        self._known = mirror.measures
        self._reader = reader
        self._commit = commit
        self._most = bounds.files

    def run(self, cones: frozenset[bytes]) -> Extent:
        """Measure the commit, or what lies below `cones` and beside the way to them.

        Raises TooLarge as soon as what was read is more than is allowed.
        """
        try:
            [commit] = self._reader.contents([self._commit], self._check_size)
            if commit is None or commit[0] != "commit":
                raise git_errors.RefNotFound(
                    f"{self.what} is no commit, or not in its mirror any more"
                )
            root = bytes.fromhex(stored.tree_of_commit(commit[1]))
            return self._part(root, cones) if cones else self._whole([root])[root]
        finally:
            self._reader.close()

    def _whole(self, roots: Sequence[bytes]) -> Mapping[bytes, Extent]:
        """Return the extents of trees with all that is below them."""
        trees = self._read(roots, self._known.trees, self._most)
        sizes = self._sizes({blob for tree in trees.values() for blob in tree.blobs})
        done: dict[bytes, Extent] = {}
        for root in roots:
            extent.reckon(root, trees, self._known.trees, sizes, done)
        if not self.missing:
            self._known.trees.keep(done)
        return done

    def _part(self, root: bytes, cones: frozenset[bytes]) -> Extent:
        """Return the extent of a sparse checkout; the whole commit is listed by git all the same."""
        attributes = self._check_listed(root).attributes
        above = {cone[:end] for cone in cones for end in _ends(cone)}
        total, wanted, blobs = Extent(), [], []
        pending = [(b"", root)]
        while pending:
            path, here = pending.pop()
            tree = self._single(here)
            blobs += tree.blobs
            total = total.joined(
                path.count(b"/") + bool(path),
                len(path),
                Extent(
                    folders=tree.modules,
                    longest_name=tree.longest_name,
                    longest_path=tree.longest_name,
                ),
            )
            for name, child in tree.folders:
                below = path + b"/" + name if path else name
                if below in cones:
                    wanted.append((below, child))
                elif below in above:
                    pending.append((below, child))
        sizes = self._sizes(set(blobs))
        total = total.joined(
            0, 0, Extent().with_files(len(blobs), (sizes.get(blob, 0) for blob in blobs))
        )
        inner = self._whole(list(dict.fromkeys(child for _, child in wanted)))
        for path, child in wanted:
            total = total.joined(path.count(b"/") + 1, len(path), inner[child])
        return dataclasses.replace(total, attributes=attributes)

    def _check_listed(self, root: bytes) -> Extent:
        most = self._most * extent.LISTED_TIMES
        known = collections.ChainMap(self._known.listed, self._known.trees)
        trees = self._read([root], known, most, is_counted_only=True)
        done: dict[bytes, Extent] = {}
        found = extent.reckon(root, trees, known, {}, done)
        self._known.listed.keep({key: done[key] for key in trees})
        if found.files > most or found.folders > most:
            listed = f"{extent.shown(max(found.files, found.folders))} files or folders, which also a sparse checkout lists"
            raise extent.too_many(self.what, listed, most)
        extent.check_form(self.what, found)
        return found

    def _read(
        self,
        roots: Sequence[bytes],
        known: Mapping[bytes, Extent],
        most: int,
        *,
        is_counted_only: bool = False,
    ) -> dict[bytes, Tree]:
        """Return the trees that nothing is known about, read level by level.

        Each stands for itself at least once: at twice what is allowed there is no need to know exactly.
        """
        enough, deepest = 2 * most, 2 * extent.DEEPEST
        trees: dict[bytes, Tree] = {}
        files = folders = level = 0
        wanted = list(dict.fromkeys(root for root in roots if root not in known))
        while wanted:
            if level > deepest:
                raise extent.too_deep(self.what, f"more than {deepest:,}")
            found: dict[bytes, None] = {}
            for name, tree in zip(wanted, self._parsed(wanted, is_counted_only), strict=True):
                trees[name] = tree
                files += tree.files
                folders += tree.modules + len(tree.folders)
                if max(files, folders) > enough:
                    noun = "files" if files > enough else "folders"
                    raise extent.too_many(self.what, f"more than {enough:,} {noun}", most)
                found.update(dict.fromkeys(child for _, child in tree.folders))
            wanted = [child for child in found if child not in trees and child not in known]
            level += 1
        return trees

    def _single(self, name: bytes) -> Tree:
        [tree] = self._parsed([name], is_counted_only=False)
        return tree

    def _parsed(self, names: Sequence[bytes], is_counted_only: bool) -> Iterator[Tree]:
        for answer in self._reader.contents([name.hex() for name in names], self._check_size):
            if answer is None or answer[0] != "tree":
                raise self._mirror.damaged(f"{self.what} lacks a tree")
            try:
                tree = extent.parsed(answer[1])
            except ValueError as error:
                raise self._mirror.damaged(f"{self.what} cannot be read: {error}") from error
            if is_counted_only:
                tree.blobs.clear()
            yield tree

    def _check_size(self, size: int) -> None:
        if size > extent.LARGEST_TREE:
            raise extent.too_large(
                self.what,
                f"one of its folders is listed in {size:,} bytes",
                f"{extent.LARGEST_TREE:,} are the most",
            )

    def _sizes(self, blobs: set[bytes]) -> Mapping[bytes, int]:
        """Return the sizes of blobs; those that are not there are noted as missing."""
        known = self._known.sizes
        sizes = {blob: known[blob] for blob in blobs if blob in known}
        wanted = [blob for blob in blobs if blob not in sizes]
        found: dict[bytes, int] = {}
        names = [blob.hex() for blob in wanted]
        for blob, name, answer in zip(wanted, names, self._reader.kinds(names), strict=True):
            if answer is None:
                self.missing.append(name)
            else:
                found[blob] = answer[2]
        known.keep(found)
        return sizes | found


def _ends(cone: bytes) -> Iterator[int]:
    """Yield where the names of the folders above a path end."""
    end = cone.find(b"/")
    while end != -1:
        yield end
        end = cone.find(b"/", end + 1)
