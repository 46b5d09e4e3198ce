"""`delete`: takes away files and folders, by path or by glob."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath import messages
from towpath.errors import BadRequest, NotFound
from towpath.patterns import PatternError, glob
from towpath.promotion.step import BaseStep, Errored, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.promotion.step import Outcome, StepContext
    from towpath.promotion.work_directory import WorkDirectory

_SPECIAL: Final = frozenset("*?[{\\")
_MOST_NAMED: Final = 10


class DeleteConfig(Struct, kw_only=True):
    """What to take away."""

    RULES: ClassVar = (
        Rule(
            expression="has(self.path) != has(self.paths)",
            message="exactly one of path and paths must be given",
            holds=lambda config, _: ("path" in config) != ("paths" in config),
        ),
    )

    path: Annotated[str | None, Field("The file or folder to delete.", min_length=1)] = None
    paths: Annotated[
        list[Annotated[str, Field("One of them.", min_length=1)]] | None,
        Field("The files and folders to delete.", min_items=1),
    ] = None
    paths_are_globs: Annotated[
        bool, Field("Whether `path` and `paths` are globs, in which `**` spans folders.")
    ] = False
    strict: Annotated[
        bool, Field("Whether it is an error that a path, or what a glob names, is not there.")
    ] = False


class Delete(BaseStep):
    """Takes files and folders away."""

    name: ClassVar[str] = "delete"
    config: ClassVar[type[Struct]] = DeleteConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: DeleteConfig) -> Outcome:
        """Find all of them first, so that nothing is gone when one of them is an error."""
        directory, found, missing = context.directory, list[str](), list[str]()
        for path in config.paths if config.path is None and config.paths else [config.path or ""]:
            try:
                named = await (_matching if config.paths_are_globs else _at)(directory, path)
            except PatternError as error:
                return Errored(message=str(error), final=True)
            found += named
            missing += [] if named else [path]
        if missing and config.strict:
            what = "names nothing" if config.paths_are_globs else "is not there"
            return Errored(
                message=f"{messages.first(missing, _MOST_NAMED)} {what} in the work directory"
            )
        gone = [path for path in _uppermost(found) if await directory.delete(path, is_strict=True)]
        return Succeeded(message=_told(gone, missing))


async def _at(directory: WorkDirectory, path: str) -> Sequence[str]:
    """Return the path of what is to be deleted; nothing if it is not there. Raises BadRequest for what leads out."""
    inside = path.lstrip("/")
    if not inside:
        raise BadRequest(f"{path} is the work directory itself, which cannot be deleted")
    directory.resolve(inside, follow_last=False, is_strict=True)
    return [inside] if await directory.stat(inside, follow_last=False) is not None else []


async def _matching(directory: WorkDirectory, pattern: str) -> Sequence[str]:
    """Return what a glob names, the upper ones first. Raises PatternError, and BadRequest for what leads out."""
    wanted = pattern
    while wanted.startswith(("./", "/")):
        wanted = wanted.removeprefix(".").lstrip("/")
    compiled = glob.compile(wanted)
    fixed = _fixed(wanted)
    if ".." in wanted.split("/"):
        directory.resolve(wanted, is_strict=True)
    if fixed == wanted:
        return await _at(directory, wanted)
    prefix = f"{fixed}/" if fixed else ""
    try:
        below = await directory.walk(fixed or ".")
    except (NotFound, BadRequest):
        return []
    return [path for each in below if compiled.fullmatch(path := f"{prefix}{each.path}")]


def _uppermost(paths: Sequence[str]) -> Sequence[str]:
    """Return the paths, each once, without those that go with a folder above them."""
    every = dict.fromkeys(paths)
    return [
        path
        for path in every
        if not any(path[:at] in every for at, each in enumerate(path) if each == "/")
    ]


def _fixed(pattern: str) -> str:
    """Return the folder that a glob begins with, as far as its names are plain."""
    parts = pattern.split("/")
    count = next((at for at, part in enumerate(parts) if _SPECIAL & set(part)), None)
    return pattern if count is None else "/".join(parts[:count])


def _told(gone: Sequence[str], missing: Sequence[str]) -> str:
    said = f"deleted {messages.first(gone, _MOST_NAMED)}" if gone else "nothing to delete"
    return f"{said}; not there: {messages.first(missing, _MOST_NAMED)}" if missing else said
