"""Namespaces that belong to no Project."""

from __future__ import annotations

from typing import Final

SHARED: Final = "kargo-shared-resources"
"""Of credentials that all Projects may use."""
SYSTEM_RESOURCES: Final = "kargo-system-resources"
"""Of what the ClusterConfig names."""
SYSTEM: Final = "kargo"
"""Of the system roles' ServiceAccounts."""
