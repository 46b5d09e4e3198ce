"""By which host keys ssh knows a server: one that is named is held to that, however it is named.

Ssh takes for new a host that it knows by an authority alone, or under its name without this port, and shows a key that these
do not vouch for. So where a host is named no new key is accepted: else whoever stands in between would show just any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from towpath.clients import process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SECONDS: Final = 10.0
_NOT_NAMED: Final = 1
"""What `ssh-keygen -F` ends with then; with more where it could not read the file."""
_PORT: Final = 22


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """Files of host keys, and whether the key of a host that is in none of them is accepted and written to the first."""

    files: tuple[Path, ...] = ()
    accept_new: bool = False


async def known(
    host: str, port: int, *, pinned: Path | None, met: Path, environment: dict[str, str]
) -> KnownHosts:
    """Return by what a host is known whose first use is trusted.

    `pinned`: the operator's file, `met`: that of the hosts that were met before. A file of the operator's that cannot be read
    may name it, and nothing new is accepted then. Raises Unavailable where there is no ssh-keygen.
    """
    if pinned is not None and await _is_named(host, port, pinned, environment):
        return KnownHosts((pinned,))
    files = (met,) if pinned is None else (met, pinned)
    is_met = _is_there(met) and await _is_named(host, port, met, environment)
    return KnownHosts(files, accept_new=not is_met)


async def _is_named(host: str, port: int, file: Path, environment: dict[str, str]) -> bool:
    """Whether a file holds a key, or an authority, of a host: by name, pattern or hash."""
    for name in _names(host.lower(), port):
        found = await process.run(
            ("ssh-keygen", "-F", name, "-f", str(file)),
            environment=environment,
            directory=file.parent,
            seconds=_SECONDS,
        )
        if found.code not in (0, _NOT_NAMED):
            return True
        lines = found.stdout.splitlines()
        if any(line and not line.startswith((b"#", b"@revoked")) for line in lines):
            return True
    return False


def _is_there(file: Path) -> bool:
    return file.exists()


def _names(host: str, port: int) -> Iterator[str]:
    """Yield the names by which ssh looks for a key: without the port as well, should there be none with it."""
    if port != _PORT:
        yield f"[{host}]:{port}"
    yield host
