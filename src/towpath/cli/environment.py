"""What commands read from the process environment, once."""

from __future__ import annotations

import os

from towpath.config import Environment


def environment() -> Environment:
    """Return the settings of this process's environment."""
    return Environment.read(os.environ)
