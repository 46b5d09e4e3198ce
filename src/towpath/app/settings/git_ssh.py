"""Which SSH servers are known, as the operator's configuration has it (`git.ssh`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from towpath.disk import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST: Final = 4 << 20
"""Bytes of a file of host keys."""
_TO_SSH: Final = frozenset('"%$\\\n')
"""Characters that ssh reads in the name of such a file."""


class GitSSHSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Whose host keys are accepted besides those that stand in Secrets."""

    known_hosts_file: str = msgspec.field(default="", name="knownHostsFile")
    """A file such as `/etc/ssh/ssh_known_hosts`; ssh reads it each time. Empty: there is none."""
    trust_first_use: bool = msgspec.field(default=False, name="trustFirstUse")
    """Whether the key of a server that is met for the first time is accepted, and kept."""

    @property
    def known_hosts(self) -> Path | None:
        """The file, None if there is none."""
        return Path(self.known_hosts_file) if self.known_hosts_file else None


def problems(settings: GitSSHSettings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the settings, by their keys."""
    path = settings.known_hosts
    if path is None:
        return
    if not path.is_absolute() or _TO_SSH & set(settings.known_hosts_file):
        yield (
            "knownHostsFile",
            (
                f"{settings.known_hosts_file!r} must be a whole path without quotes, percent and dollar signs, and backslashes"
            ),
        )
        return
    try:
        text = reading.regular(path, _LARGEST)
    except OSError as error:
        yield "knownHostsFile", f"{path} cannot be read: {error.strerror or error}"
        return
    lines = [line.split() for line in text.splitlines() if not line.lstrip().startswith(b"#")]
    if not any(len(words) >= 3 for words in lines):
        yield (
            "knownHostsFile",
            (f"{path} has no line of a known_hosts file, which are what `ssh-keyscan HOST` prints"),
        )
