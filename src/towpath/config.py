"""Settings that come from the process environment, read in one place.

Nothing else in Towpath looks at `os.environ` (apart from the kill points of `faults`, which only tests set).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


_PROGRAMS: Final = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What Towpath reads from its environment variables."""

    key_file: Path
    """Where the keys that seal Secrets are kept: `TOWPATH_KEY_FILE`, else under the user's configuration."""

    server: str | None
    """`TOWPATH_SERVER`: address of the running server that commands speak to."""

    token: str | None
    """`TOWPATH_TOKEN`: bearer token for that server."""

    state: Path
    """Where programs note what runs: `XDG_STATE_HOME/towpath`, else below the user's folder."""

    programs: str
    """`PATH`: the folders in which git and what it runs are looked for; those that are not absolute do not count."""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables; an empty one counts as unset."""
        home = Path(variables.get("HOME") or "~").expanduser()
        configuration = variables.get("XDG_CONFIG_HOME") or str(home / ".config")
        state = variables.get("XDG_STATE_HOME") or str(home / ".local" / "state")
        named = variables.get("TOWPATH_KEY_FILE")
        return cls(
            key_file=Path(named) if named else Path(configuration) / "towpath" / "key",
            server=variables.get("TOWPATH_SERVER") or None,
            token=variables.get("TOWPATH_TOKEN") or None,
            state=Path(state) / "towpath",
            programs=os.pathsep.join(
                each
                for each in (variables.get("PATH") or _PROGRAMS).split(os.pathsep)
                if each.startswith("/")
            ),
        )
