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

    context: str | None
    """`TOWPATH_CONTEXT`: name of the context whose server commands speak to."""

    project: str | None
    """`TOWPATH_PROJECT`: the Project that commands mean when they are told none."""

    insecure: bool
    """`TOWPATH_INSECURE_SKIP_TLS_VERIFY` or `KARGO_INSECURE_SKIP_TLS_VERIFY` is `true`: certificates are not looked at."""

    kargo_exit_codes: bool
    """`TOWPATH_KARGO_EXIT_CODES` is `true`: commands end with the codes of Kargo's."""

    contexts: Path
    """Where the servers that were logged in to are kept: `XDG_CONFIG_HOME/towpath/config`."""

    kubeconfig: Path
    """The first file of `KUBECONFIG`, else `~/.kube/config`."""

    kargo_server: str | None
    """`KARGO_API_ADDRESS`: as `server`, for scripts written for Kargo; counts together with the token only."""

    kargo_token: str | None
    """`KARGO_API_TOKEN`: token for that server."""

    kargo_contexts: Path
    """The file of Kargo's own command line, read where ours is not there."""

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
            context=variables.get("TOWPATH_CONTEXT") or None,
            project=variables.get("TOWPATH_PROJECT") or None,
            insecure=any(
                _is_true(variables.get(f"{name}_INSECURE_SKIP_TLS_VERIFY"))
                for name in ("TOWPATH", "KARGO")
            ),
            kargo_exit_codes=_is_true(variables.get("TOWPATH_KARGO_EXIT_CODES")),
            contexts=Path(configuration) / "towpath" / "config",
            kubeconfig=Path(
                (variables.get("KUBECONFIG") or "").split(os.pathsep)[0]
                or str(home / ".kube" / "config")
            ),
            kargo_server=variables.get("KARGO_API_ADDRESS") or None,
            kargo_token=variables.get("KARGO_API_TOKEN") or None,
            kargo_contexts=Path(configuration) / "kargo" / "config",
            state=Path(state) / "towpath",
            programs=os.pathsep.join(
                each
                for each in (variables.get("PATH") or _PROGRAMS).split(os.pathsep)
                if each.startswith("/")
            ),
        )


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1", "t")
