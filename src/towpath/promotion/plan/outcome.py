"""What became of what was planned: each push that a plan foresaw, beside the commit that the Promotion sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.git.objects import objects, patches
from towpath.promotion.confidence import Confidence
from towpath.runtime.deadline import OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.objects.patches import ChangedFile
    from towpath.promotion.doors.recording.recorder import PlanBase
    from towpath.promotion.git_client import GitClient
    from towpath.promotion.plan.made import Plan, Variant
    from towpath.promotion.plan.workbench import Workbench

_SECONDS: Final = 10.0
"""How long a repository may take to show a commit."""
_MOST_PATHS: Final = 50


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """Compares plans with what was pushed."""

    bench: Workbench

    async def compared(
        self, plan: Plan, state: Mapping[str, Any], *, actor: str
    ) -> list[dict[str, Any]]:
        """Return of each push that was foreseen whether it brought what it was to bring.

        `state`: the outputs of the Promotion's steps, by alias. `actor`: in whose name repositories are read.
        """
        confidence = Confidence()
        git = await self.bench.git(plan.project, plan.stage, plan.freight, confidence, actor)
        variant = _taken(plan, state)
        found = []
        for push in variant.document["pushes"]:
            told = await self._of(plan, variant, push, _commit(state, push["step"]), git)
            found.append(confidence.disclosed.masked(told))
        return found

    async def _of(
        self, plan: Plan, variant: Variant, push: Mapping[str, Any], commit: str, git: GitClient
    ) -> dict[str, Any]:
        told = {name: push[name] for name in ("step", "repository", "branch")} | {"commit": commit}
        if not commit:
            return told | {"unknown": "nothing was pushed, or the step says no commit"}
        base = next((each for each in plan.bases if each.url == push["repository"]), None)
        try:
            looking = self._pushed(git, push["repository"], base, commit)
            tree, files = await within(
                self.bench.around.clock, _SECONDS, looking, what="the commit"
            )
        except OutOfTime:
            return told | {"unknown": f"the repository has not answered within {_SECONDS:g} s"}
        except errors.TowpathError as error:
            return told | {"unknown": error.message}
        planned = {variant.files[id_].path: variant.files[id_] for id_ in push["files"]}
        differ = sorted(
            path
            for path in planned.keys() | files.keys()
            if not _is_same(planned.get(path), files.get(path))
        )
        return told | {
            "same": not differ,
            "sameTree": tree == push["tree"],
            "files": len(files),
            "differ": differ[:_MOST_PATHS],
            "differing": len(differ),
        }

    async def _pushed(
        self, git: GitClient, url: str, base: PlanBase | None, commit: str
    ) -> tuple[str, dict[str, ChangedFile]]:
        is_insecure, is_blobless = (base.insecure, base.blobless) if base else (False, False)
        repository = await git.open(url, insecure=is_insecure, blobless=is_blobless)
        await repository.resolve(commit=commit)
        read = await objects.read_commit(repository.mirror, commit)
        before = read.parents[0] if read.parents else None
        files = await patches.between(repository.mirror, before, commit)
        return read.tree, {each.path: each for each in files}


def _taken(plan: Plan, state: Mapping[str, Any]) -> Variant:
    """Return the way that the Promotion went: the one whose pushes were made, the first where nothing tells."""
    pushed = {
        push["step"]
        for variant in plan.variants
        for push in variant.document["pushes"]
        if _commit(state, push["step"])
    }
    fitting = (
        variant
        for variant in plan.variants
        if {each["step"] for each in variant.document["pushes"]} == pushed
    )
    return next(fitting, plan.variants[0])


def _commit(state: Mapping[str, Any], step: str) -> str:
    output = state.get(step)
    found = output.get("commit") if isinstance(output, dict) else None
    return found if isinstance(found, str) else ""


def _is_same(one: ChangedFile | None, other: ChangedFile | None) -> bool:
    if one is None or other is None:
        return False
    return (one.kind, one.size, one.patch) == (other.kind, other.size, other.patch)
