"""`yaml-merge`: puts what YAML files say together into one; the lines of the first stay where nothing is put."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath import messages
from towpath.documents.yaml.merging import merged_all
from towpath.errors import NotFound
from towpath.promotion.step import BaseStep, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_CPU_SECONDS: Final = 60.0
_MOST_TOLD: Final = 10


class YamlMergeConfig(Struct, kw_only=True):
    """What to merge into what."""

    in_files: Annotated[
        list[str], Field("The files, the first one first; later ones count more.", min_items=1)
    ]
    out_file: Annotated[str, Field("Where the result is written.", min_length=1)]
    ignore_missing_files: Annotated[
        bool, Field("Whether files that do not exist are passed over.")
    ] = False


class YamlMergeOutput(Struct):
    """What the step puts out."""

    commit_message: Annotated[str, Field("Says what was merged, for a commit.")] = ""


class YamlMerge(BaseStep):
    """Merges YAML files."""

    name: ClassVar[str] = "yaml-merge"
    config: ClassVar[type[Struct]] = YamlMergeConfig
    output: ClassVar[type[Struct]] = YamlMergeOutput
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: YamlMergeConfig) -> Outcome:
        """Merge them. The result is written only if it is not there yet."""
        directory = context.directory
        files: list[tuple[str, bytes]] = []
        for path in config.in_files:
            try:
                files.append((path, await directory.read(path)))
            except NotFound:
                if not config.ignore_missing_files:
                    raise
        result = await context.aside.run(
            merged_all,
            files,
            weight=sum(len(data) for _, data in files)
            * len(files),  # each is put into all before it
            what=f"{config.out_file}: merging into it",
            caller=context.project,
            seconds=_CPU_SECONDS,
        )
        try:
            is_there = await directory.read(config.out_file) == result
        except NotFound:
            is_there = False
        if not is_there:
            await directory.write(config.out_file, result)
        names = [path for path, _ in files]
        told = messages.first(names, _MOST_TOLD) or "no file"
        message = f"{config.out_file} {'was already' if is_there else 'is'} {told} merged"
        if not names:
            return Succeeded(message=message)
        return Succeeded(output={"commitMessage": _said(names, config.out_file)}, message=message)


def _said(names: list[str], out: str) -> str:
    """Return what was merged, as upstream words it."""
    if len(names) == 1:
        return f"Wrote {names[0]} to {out}"
    return "\n".join((f"Merged {len(names)} YAML files to {out}", *(f"- {name}" for name in names)))
