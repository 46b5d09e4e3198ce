"""Which submodules a commit records: where each lies, at which commit, and from which repository it comes.

Git's own `submodule` commands are never run: they would take settings and addresses from the repository's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath import errors
from towpath.clients.git import arguments, git_errors
from towpath.clients.git.objects import objects

if TYPE_CHECKING:
    from towpath.clients.git.mirrors.mirror import Mirror

FILE: Final = ".gitmodules"
MOST: Final = 200
"""More submodules than this in one commit are refused."""


@dataclass(frozen=True, slots=True)
class Submodule:
    """One submodule of a commit."""

    path: str
    """Where it lies, from the root of the tree."""
    commit: str
    url: str
    """Whole, also where `.gitmodules` names it relative to the repository."""


async def of(mirror: Mirror, commit: str, url: str) -> list[Submodule]:
    """Return the submodules of a commit of the repository at `url`, by path.

    Raises BadRequest for a path that no tree can have and for more than `MOST`.
    """
    try:
        text = await objects.read(mirror, commit, FILE)
    except git_errors.PathNotFound:
        return []
    finished = await mirror.run(
        "config", "--no-includes", "--null", "--file", "-", "--list", stdin=text
    )
    listed = mirror.expect(finished, f"reading {FILE} of").decode("utf-8", "replace")
    addresses = _addresses(listed)
    if len(addresses) > MOST:
        raise errors.BadRequest(f"{mirror} has more than {MOST} submodules")
    entries = await objects.entries(mirror, commit, list(addresses)) if addresses else {}
    return [
        Submodule(path, arguments.full_commit(entry.id), resolved(url, addresses[path]))
        for path, entry in sorted(entries.items())
        if entry.mode == objects.MODULE and path in addresses
    ]


def resolved(repository: str, url: str) -> str:
    """Return the address of a submodule: `./x` and `../x` are relative to that of the repository."""
    if not url.startswith(("./", "../")):
        return url
    base = repository.rstrip("/")
    while True:
        if url.startswith("./"):
            url = url.removeprefix("./")
        elif url.startswith("../"):
            url = url.removeprefix("../")
            head, slash, _ = base.rpartition("/")
            if not slash:  # user@host:path
                head, slash, _ = base.rpartition(":")
            if not slash or head.endswith(":/"):
                raise errors.BadRequest(f"submodule address {url!r} leads out of {repository}")
            base = head if slash == "/" else f"{head}:"
        else:
            return base + url if base.endswith(":") else f"{base}/{url}"


def _addresses(listed: str) -> dict[str, str]:
    """Return URLs by path from what `git config --list --null` printed; half-named ones are left out."""
    modules: dict[str, dict[str, str]] = {}
    for item in listed.split("\0"):
        key, newline, value = item.partition("\n")
        section, _, rest = key.partition(".")
        name, dot, variable = rest.rpartition(".")
        if newline and dot and section == "submodule":
            modules.setdefault(name, {})[variable] = value
    return {
        module["path"]: module["url"]
        for module in modules.values()
        if module.get("path") and module.get("url")
    }
