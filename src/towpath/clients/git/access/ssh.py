"""How git calls ssh: with the credential's key and known hosts, and to addresses that were checked.

Ssh is told a program of ours that connects (`ssh_dial.py`), so it resolves no name itself; which key the server must
show still goes by the name in the URL.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIAL: Final = Path(__file__).with_name("ssh_dial.py")


def command(
    *, addresses: Sequence[str], port: int, key: str, known_hosts: Sequence[str], accept_new: bool
) -> str:
    """Return what GIT_SSH_COMMAND is set to. `key` (or empty) and `known_hosts` are paths of files.

    `accept_new`: the key of a host that is not known yet is accepted and written to the first of `known_hosts`.
    """
    files = " ".join(f'"{path}"' for path in known_hosts or (os.devnull,))
    # -I -S: nothing but the standard library, and no settings of the user's; it starts in a few milliseconds.
    dial = shlex.join([sys.executable, "-I", "-S", str(_DIAL), str(port), *addresses])
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "IdentityFile": key or "none",
        "StrictHostKeyChecking": "accept-new" if accept_new else "yes",
        "GlobalKnownHostsFile": os.devnull,
        "UserKnownHostsFile": files,
        "CheckHostIP": "no",
        "CanonicalizeHostname": "no",
        "ProxyCommand": dial.replace("%", "%%"),
        "ProxyUseFdpass": "yes",
        "ConnectTimeout": "30",
    }
    words = ["ssh", "-F", os.devnull]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return shlex.join(words)
