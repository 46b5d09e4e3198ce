"""What scalars a Promotion set in a work tree, ready to be set again in what others made of its files."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.clients.git.pushing.picking import Edits
    from towpath.clients.git.worktrees.worktree import WorkTree
    from towpath.documents.scalar_edit import ScalarEdit
    from towpath.promotion.work_directory import WorkDirectory
    from towpath.runtime.aside import Aside

_CPU_SECONDS: Final = 60.0


def edits_below(directory: WorkDirectory, tree: WorkTree, *, aside: Aside, project: str) -> Edits:
    """Return the edits of files in a work tree, by their paths in it."""
    root = tree.path.resolve()
    return {
        str(path.relative_to(root)): functools.partial(_again, aside, project, list(edits))
        for path, edits in directory.edits.items()
        if path.is_relative_to(root)
    }


async def _again(aside: Aside, project: str, edits: Sequence[ScalarEdit], data: bytes) -> bytes:
    """Do edits again, one after the other. Raises BadRequest where one cannot be done."""
    for edit in edits:
        data = await aside.run(
            edit.apply,
            data,
            weight=edit.weight(data),
            what=f"{edit.path}: its edit",
            caller=project,
            seconds=_CPU_SECONDS,
        )
    return data
