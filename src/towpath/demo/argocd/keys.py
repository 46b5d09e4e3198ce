"""An object as JSON, and how one is named."""

from __future__ import annotations

from typing import Any, NamedTuple

Document = dict[str, Any]
"""An object as JSON. One that lies in the table is never changed: who changes something makes a new one."""


class Key(NamedTuple):
    """Which object: `resource` is the plural with its group, such as `applications.argoproj.io`."""

    resource: str
    namespace: str
    name: str
