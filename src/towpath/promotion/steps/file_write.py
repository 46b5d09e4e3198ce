"""`file-write`: writes a file with the contents that the manifest gives."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from towpath.disk.entries import EntryKind
from towpath.errors import AlreadyExists
from towpath.promotion.step import BaseStep, Failed, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext

_MODE: Final = "0600"
_MAY_RUN: Final = 0o111
_WORLD_WRITES: Final = 0o002


class FileWriteConfig(Struct, kw_only=True):
    """What to write where."""

    path: Annotated[str, Field("The file, relative to the work directory.", min_length=1)]
    contents: Annotated[str, Field("What it is to hold; may be empty.")]
    permissions: Annotated[
        str | None,
        Field("Its permissions, in octal; 0600 where they are not given.", pattern="^0[0-7]{3}$"),
    ] = None
    overwrite: Annotated[bool, Field("Whether a file that is there may be replaced.")] = False


class FileWrite(BaseStep):
    """Writes a file."""

    name: ClassVar[str] = "file-write"
    config: ClassVar[type[Struct]] = FileWriteConfig
    convergent: ClassVar[bool] = True

    async def run(self, context: StepContext, config: FileWriteConfig) -> Outcome:
        """Write it, if it may be where and as it is asked for.

        A file with the very contents and permissions that are asked for was written by an earlier run: it is no reason to
        refuse.
        """
        mode = int(config.permissions or _MODE, 8)
        path = posixpath.normpath(config.path)
        problem = _refused_place(config.path, path) or _refused_mode(config.permissions or _MODE)
        directory = context.directory
        if not problem:
            problem = await _on_a_link(context, path)
        if problem:
            return Failed(message=problem)
        there = await directory.stat(path)
        data = config.contents.encode()
        if there is not None and there.kind is not EntryKind.FILE:
            return Failed(message=f"config.path: {path} is no file but a {there.kind}")
        if there is not None and not config.overwrite:
            is_ours = there.mode == mode and there.size == len(data)
            if not is_ours or await directory.read(path) != data:
                return Failed(message=_is_there(path))
        try:
            await directory.write(path, data, mode=mode, is_new=there is None)
        except AlreadyExists:
            return Failed(message=_is_there(path))
        return Succeeded(message=f"{path}: {len(data):,} bytes written, permissions {mode:04o}")


def _is_there(path: str) -> str:
    return f"config.path: {path} is there already; set overwrite: true to replace it"


def _refused_place(given: str, path: str) -> str:
    """Return why a file must not be written at a path; empty if it may."""
    if given.startswith("/"):
        return f"config.path: {given} is absolute; name it relative to the work directory"
    if path == ".." or path.startswith("../"):
        return f"config.path: {given} leads out of the work directory"
    if path == ".git" or path.startswith(".git/"):
        return f"config.path: {given} lies in .git, which no step may write"
    if path == "." or given.endswith("/"):
        return f"config.path: {given} names a folder; name a file"
    return ""


def _refused_mode(permissions: str) -> str:
    """Return why a file must not have permissions; empty if it may."""
    mode = int(permissions, 8)
    if mode & _MAY_RUN:
        return f"config.permissions: {permissions} would let it be run; leave the x bits out"
    if mode & _WORLD_WRITES:
        return f"config.permissions: {permissions} would let everybody write it; take 2 off the last digit"
    return ""


async def _on_a_link(context: StepContext, path: str) -> str:
    """Return that a path leads through a symbolic link; empty if it does not."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        here = "/".join(parts[:count])
        found = await context.directory.stat(here, follow_last=False)
        if found is None:
            return ""
        if found.kind is EntryKind.LINK:
            return f"config.path: {here} is a symbolic link; files are not written through links"
    return ""
