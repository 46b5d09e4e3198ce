"""What one run through the steps of a plan says to people: each step, each push with its files, and what reaches nobody."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.clients.git.objects import objects, patches
from towpath.expressions import Unknown
from towpath.promotion.plan import rendered_objects
from towpath.promotion.plan.rehearsing import as_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.git.objects.patches import ChangedFile
    from towpath.documents.manifests.differences import ChangedObject
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.doors.recording.recorder import PlannedPush, Recorder
    from towpath.promotion.plan.allowance import PlanAllowance
    from towpath.promotion.plan.directory import PlannedDirectory
    from towpath.promotion.plan.rehearsing import PlanRehearsal
    from towpath.resources.promotion import PromotionStatus
    from towpath.runtime.aside import Aside


def steps(
    written: Sequence[Mapping[str, Any]], status: PromotionStatus, rehearsal: PlanRehearsal
) -> list[dict[str, Any]]:
    """Return what came of each step. `written`: the steps as they stand in the template."""
    shown = []
    state = status.state if isinstance(status.state, dict) else {}
    for step, meta in zip(written, status.step_execution_metadata, strict=False):
        known = rehearsal.steps.get(meta.alias)
        shown.append(
            {
                "step": meta.alias,
                "uses": str(step.get("uses") or ""),
                "result": str(meta.status),
                "message": meta.message,
                "config": as_texts(known.config) if known else None,
                "output": as_texts(state.get(meta.alias)),
                "changes": bool(known and known.changes),
                "waitsFor": known.waits_for if known else "",
                "unknown": known.unknown if known else "",
            }
        )
    return shown


@dataclass(slots=True)
class Brought:
    """What pushes would bring to their branches."""

    pushes: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, ChangedFile] = field(default_factory=dict)
    """By their ids."""
    objects: dict[str, ChangedObject] = field(default_factory=dict)
    """By their ids."""
    notes: list[str] = field(default_factory=list)


async def pushed(
    recorder: Recorder, allowance: PlanAllowance, *, aside: Aside, project: str
) -> Brought:
    """Return what the pushes that were recorded would bring, as far as there is room for it."""
    found = Brought()
    for push in recorder.pushes:
        files = {
            allowance.numbered("f"): allowance.kept(each)
            for each in await patches.between(push.mirror, push.base, push.head)
        }
        rendered = await rendered_objects.different(push, aside=aside, project=project)
        made = {allowance.numbered("o"): allowance.kept(each) for each in rendered.objects}
        found.files |= files
        found.objects |= made
        found.notes += [rendered.note] if rendered.note else []
        found.pushes.append(
            {
                "step": push.step,
                "repository": push.repository,
                "branch": push.branch,
                "base": _base(push, recorder),
                "tree": (await objects.read_commit(push.mirror, push.head)).tree,
                "force": push.force,
                "files": list(files),
                "objects": list(made),
            }
        )
    return found


def _base(push: PlannedPush, recorder: Recorder) -> str:
    """Return the commit that a push is added to; of one that the plan makes itself, from where it will be known."""
    if push.base is None:
        return ""
    source = recorder.provisional.get(push.base)
    return push.base if source is None else str(Unknown(source))


async def left(directory: PlannedDirectory, recorder: Recorder) -> list[str]:
    """Return what of the work trees would reach nobody."""
    notes = []
    heads = {push.head for push in recorder.pushes}
    for path, tree in directory.trees.items():
        shown = f"./{directory.named(path)}"
        if tree.opaque or tree.touched:
            try:
                commit = await patches.between(tree.mirror, tree.head, await tree.stage())
            except errors.TowpathError as error:
                notes.append(f"what changed in {shown} could not be told: {error.message}")
                continue
            if commit:
                what = "1 changed file" if len(commit) == 1 else f"{len(commit):,} changed files"
                notes.append(f"{shown} has {what} that no step commits")
        if tree.head in recorder.provisional and tree.head not in heads:
            notes.append(f"{shown} has a commit that no step pushes")
    return notes


def shown_file(id_: str, file: ChangedFile) -> dict[str, Any]:
    """Return a changed file as JSON, without its lines."""
    return {
        "id": id_,
        "path": file.path,
        "added": file.added,
        "removed": file.removed,
        "isBinary": file.is_binary,
    }


def shown_object(id_: str, found: ChangedObject) -> dict[str, Any]:
    """Return a changed object as JSON, without its lines."""
    return {
        "id": id_,
        "apiVersion": found.api_version,
        "kind": found.kind,
        "namespace": found.namespace,
        "name": found.name,
        "change": found.change,
        "added": found.added,
        "removed": found.removed,
    }


def masked_file(file: ChangedFile, disclosed: Disclosed) -> ChangedFile:
    """Return a changed file without what is secret."""
    return replace(file, path=disclosed.masked(file.path), patch=disclosed.masked(file.patch))


def masked_object(found: ChangedObject, disclosed: Disclosed) -> ChangedObject:
    """Return a changed object without what is secret."""
    return replace(
        found,
        kind=disclosed.masked(found.kind),
        namespace=disclosed.masked(found.namespace),
        name=disclosed.masked(found.name),
        patch=disclosed.masked(found.patch),
    )
