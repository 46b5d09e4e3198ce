"""What is different in what steps render and push, object by object: what the branch has, beside what it would have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients.git.objects import objects
from towpath.documents.manifests import differences
from towpath.errors import Timeout, TooLarge, Unavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from towpath.clients.git.mirrors.mirror import Mirror
    from towpath.documents.manifests.differences import ChangedObject
    from towpath.promotion.doors.recording.recorder import PlannedPush
    from towpath.runtime.aside import Aside

_ENDINGS: Final = (".yaml", ".yml", ".json")
_MOST_FILES: Final = 5_000
"""That differ, of one push."""
_MOST_BYTES: Final = 32 << 20
"""Of both sides together."""
_CPU_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class RenderedObjects:
    """What is different in one push."""

    objects: Sequence[ChangedObject] = ()
    note: str = ""
    """What is left out, and why; empty if nothing is."""


async def different(push: PlannedPush, *, aside: Aside, project: str) -> RenderedObjects:
    """Return the objects that a push changes on its branch in files that were rendered, or are gone beside them.

    What is too much to compare is left out, with a note.
    """
    if not push.rendered:
        return RenderedObjects()
    try:
        before, after = await _sides(push)
        size = _size(before, after)
        found = await aside.run(
            differences.between,
            before,
            after,
            weight=size,
            what=f"what is rendered for {push.branch}",
            caller=project,
            seconds=_CPU_SECONDS,
        )
    except (TooLarge, Timeout, Unavailable) as error:
        said = f"the objects that are rendered for {push.branch} are not compared: {error.message}"
        return RenderedObjects(note=said)
    note = f"{found.left_out:,} more objects of {push.branch} differ" if found.left_out else ""
    return RenderedObjects(found.objects, note)


_Files = list[tuple[str, str]]


def _size(*sides: _Files) -> int:
    """Return how many characters there are to compare. Raises TooLarge."""
    size = sum(len(text) for files in sides for _, text in files)
    if size > _MOST_BYTES:
        raise TooLarge(f"they have more than {_MOST_BYTES:,} bytes together")
    return size


async def _sides(push: PlannedPush) -> tuple[_Files, _Files]:
    """Return the files that differ as they are on the branch, and as they would be."""
    mirror, base, head = push.mirror, push.base, push.head
    if base is None:
        changed: Iterable[str] = await objects.paths(mirror, head, limit=1_000_000)
    else:
        changed = await objects.changed(mirror, base, head)
    wanted = sorted(path for path in changed if path.endswith(_ENDINGS))
    if len(wanted) > _MOST_FILES:
        raise TooLarge(f"{len(wanted):,} files differ, and at most {_MOST_FILES:,} are looked at")
    new = await _files(mirror, head, wanted)
    rendered = [path for path in wanted if path in new and path in push.rendered]
    after = await _read(mirror, head, rendered)
    if base is None:
        return [], after
    old = await _files(mirror, base, wanted)
    there = [path for path in wanted if path in old and (path in push.rendered or path not in new)]
    return await _read(mirror, base, there), after


async def _files(mirror: Mirror, commit: str, wanted: Sequence[str]) -> Collection[str]:
    """Return those of some paths at which a commit has files."""
    found = await objects.entries(mirror, commit, wanted)
    return {
        path for path, entry in found.items() if entry.mode in (objects.FILE, objects.EXECUTABLE)
    }


async def _read(mirror: Mirror, commit: str, paths: Sequence[str]) -> _Files:
    if not paths:
        return []
    found = await objects.read_many(mirror, commit, paths)
    return [
        (path, data.decode("utf-8", "replace")) for path, data in zip(paths, found, strict=True)
    ]
