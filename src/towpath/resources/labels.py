"""Labels by which objects are found."""

from __future__ import annotations

from typing import Final

_GROUP: Final = "kargo.akuity.io/"
_OURS: Final = "towpath.dev/"

ALIAS_LABEL: Final = f"{_GROUP}alias"
"""Of Freight: its alias."""
CREDENTIAL_TYPE: Final = f"{_GROUP}cred-type"
"""Of a Secret that is the credential of repositories, or `generic`: one that all Projects share."""
PROJECT_LABEL: Final = f"{_GROUP}project"
"""`true`: the Namespace is, or may become, that of a Project."""
SHARD_LABEL: Final = f"{_GROUP}shard"
"""Which controllers an object is for: as its `spec.shard` says."""
STAGE_LABEL: Final = f"{_GROUP}stage"
"""Of a Promotion: its Stage; a long name is shortened."""
FREIGHT_COLLECTION_LABEL: Final = f"{_GROUP}freight-collection"
"""Of an AnalysisRun: the collection that it verifies."""
ENVIRONMENT: Final = f"{_OURS}environment"
"""Of a Stage: which environment it is, by which a column of the Board is called."""
BOARD_ROW: Final = f"{_OURS}row"
"""Of a Stage: the row of the Board that it stands in, by which that is called."""
REPLICATED_FROM: Final = f"{_GROUP}replicated-from"
"""Of a copy: what it was copied from."""
REPLICATED_SHA: Final = f"{_GROUP}replicated-sha"
"""Of a copy: the digest of what was copied."""

_RBAC: Final = "rbac.kargo.akuity.io/"

API_TOKEN: Final = f"{_RBAC}api-token"
"""`true`: the Secret is a token for Kargo's API."""
SYSTEM_ROLE: Final = f"{_RBAC}system-role"
"""`true`: the ServiceAccount stands for one of Kargo's system roles."""
