"""What commands read from the process environment, once."""

from __future__ import annotations

import os

from towpath.config import Environment


def environment() -> Environment:
    """Return the settings of this process's environment."""
    return Environment.read(os.environ)


def default_project() -> str | None:
    """Return the Project that commands mean when they are told none: `TOWPATH_PROJECT`; empty is unset."""
    return os.environ.get("TOWPATH_PROJECT") or None
