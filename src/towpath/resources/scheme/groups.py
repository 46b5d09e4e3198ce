"""The API groups of the kinds."""

from __future__ import annotations

from typing import Final

from towpath.resources import message_channel

KARGO: Final = "kargo.akuity.io"
KARGO_EE: Final = message_channel.GROUP
ARGO: Final = "argoproj.io"
TOWPATH: Final = "towpath.dev"
RBAC: Final = "rbac.authorization.k8s.io"
COORDINATION: Final = "coordination.k8s.io"
BUILT_IN: Final = ("", RBAC, COORDINATION)
"""Groups whose kinds Kubernetes has itself: they need no CRD and have no `metadata.generation`."""
