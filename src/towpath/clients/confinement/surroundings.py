"""What a confined program is told of its surroundings: nothing of ours, and a home of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def surroundings(scratch: Path, path: str, **more: str) -> dict[str, str]:
    """Return environment variables: all that it keeps goes into `scratch`, programs are looked for on `path`."""
    home = str(scratch)
    return {
        "PATH": path,
        "HOME": home,
        "TMPDIR": home,
        "LC_ALL": "C.UTF-8",
        "KUBECONFIG": "/dev/null",
        "XDG_CONFIG_HOME": f"{home}/config",
        "XDG_CACHE_HOME": f"{home}/cache",
        "GOMAXPROCS": "2",
        **more,
    }
