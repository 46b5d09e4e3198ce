"""How git is told to fetch, and what its first failures mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from towpath.clients.git import git_errors
from towpath.clients.git.mirrors import tracking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients import process

_FETCH: Final = (
    "fetch",
    "--quiet",
    "--force",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
)


class Speaks(Protocol):
    """A mirror that is there; `str` of it names its repository."""

    async def speak(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> process.Finished:
        """Run git with network and credential."""
        ...

    def expect(self, finished: process.Finished, doing: str) -> bytes:
        """Return what git printed, or raise what its failure means."""
        ...


async def fetch(mirror: Speaks, refspecs: Sequence[str]) -> None:
    """Fetch refs into a mirror; its lock is held. Raises what `Mirror.fetch` raises."""
    finished = await mirror.speak(*_FETCH, "origin", *refspecs)
    if finished.code != 0 and "cannot lock ref" in finished.stderr:
        # We may still know a branch `env` that made room for `env/prod`.
        known = _setting("remote.origin.fetch", f"+refs/heads/*:{tracking.HEADS}*")
        pruned = await mirror.speak("remote", "prune", "origin", variables=known)
        mirror.expect(pruned, "fetching from")
        finished = await mirror.speak(*_FETCH, "origin", *refspecs)
    if finished.code != 0 and "object-format" in finished.stderr:
        raise git_errors.GitFailed(
            f"fetching from {mirror}: repositories with SHA-256 ids are not supported"
        )
    mirror.expect(finished, "fetching from")


async def blobs(mirror: Speaks, names: Sequence[str]) -> None:
    """Fetch contents of files by their ids, as git does where a partial clone lacks some; the lock is held."""
    finished = await mirror.speak(
        *_FETCH, "--filter=blob:none", "--stdin", "origin",
        stdin="".join(f"{name}\n" for name in names).encode("ascii"),
        # Else the server takes it that who has a commit has its files.
        variables=_setting("fetch.negotiationAlgorithm", "noop"),
    )  # fmt: skip
    mirror.expect(finished, "fetching contents of files from")


def _setting(key: str, value: str) -> dict[str, str]:
    """Return the environment that gives one command a setting, as `git -c` does for the programs it starts."""
    return {"GIT_CONFIG_PARAMETERS": f"'{key}={value}'"}
