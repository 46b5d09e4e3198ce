"""Settings that come from the process environment, read in one place.

Nothing else in Towpath looks at `os.environ` (apart from the kill points of `faults`, which only tests set).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What Towpath reads from its environment variables."""

    key_file: Path
    """Where the keys that seal Secrets are kept: `TOWPATH_KEY_FILE`, else under the user's configuration."""

    server: str | None
    """`TOWPATH_SERVER`: address of the running server that commands speak to."""

    token: str | None
    """`TOWPATH_TOKEN`: bearer token for that server."""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables; an empty one counts as unset."""
        configuration = variables.get("XDG_CONFIG_HOME") or str(
            Path(variables.get("HOME") or "~").expanduser() / ".config"
        )
        named = variables.get("TOWPATH_KEY_FILE")
        return cls(
            key_file=Path(named) if named else Path(configuration) / "towpath" / "key",
            server=variables.get("TOWPATH_SERVER") or None,
            token=variables.get("TOWPATH_TOKEN") or None,
        )
