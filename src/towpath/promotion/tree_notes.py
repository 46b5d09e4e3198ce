"""Tells Git work trees what steps write into them, so that what to commit and what to undo stays known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from towpath.clients.git import arguments
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.documents.scalar_edit import ScalarEdit


class TreeNotes:
    """The work trees of one work directory, by the real paths they lie at, the deepest first."""

    def __init__(
        self, trees: Mapping[Path, WorkTree], edits: MutableMapping[Path, list[ScalarEdit]]
    ) -> None:
        """`edits`: those of single scalars that were made of files; of what is written otherwise they go."""
        self._edits = edits
        self._trees = [(f"{folder}/", tree) for folder, tree in trees.items()]

    def writes(self, real: str) -> bool:
        """Take note that the file at a real path is about to be written; return whether it lies in a work tree.

        Raises BadRequest for what belongs to Git itself.
        """
        self._edits.pop(Path(real), None)
        found = self._found(real)
        if found is None:
            return False
        tree, name = found
        tree.wrote(arguments.path(name))
        return True

    def makes(self, real: str) -> bool:
        """Take note that a folder is about to be made; return whether it lies in a work tree. Raises BadRequest."""
        found = self._found(real)
        if found is None:
            return False
        tree, name = found
        tree.folders.add(arguments.path(name))
        return True

    def removes(self, real: str) -> None:
        """Take note that the file at a real path is about to go."""
        self._edits.pop(Path(real), None)
        found = self._found(real)
        if found is None:
            return
        tree, name = found
        try:
            tree.wrote(arguments.path(name))
        except (
            BadRequest
        ):  # a repository that lay in the work tree; nobody knows what Git made of it
            tree.opaque = True

    def is_git(self, real: str) -> bool:
        """Whether what is at a real path belongs to Git itself and not to the files of a work tree."""
        found = self._found(real)
        if found is None:
            return False
        try:
            arguments.path(found[1])
        except BadRequest:
            return True
        return False

    def _found(self, real: str) -> tuple[WorkTree, str] | None:
        for folder, tree in self._trees:
            if real.startswith(folder):
                return tree, real[len(folder) :]
        return None
