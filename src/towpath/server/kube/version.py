"""What version of the Kubernetes API this is: that whose behaviour is offered, with our own behind it."""

from __future__ import annotations

import platform
from typing import Any, Final

from towpath import __version__

MAJOR: Final = "1"
MINOR: Final = "33"


def document() -> dict[str, Any]:
    """Return what `/version` answers. Clients choose by major and minor how they speak to us."""
    return {
        "major": MAJOR,
        "minor": MINOR,
        "gitVersion": f"v{MAJOR}.{MINOR}.0+towpath.{__version__}",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": platform.python_implementation(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }
