"""OpenAPI v3 from the scheme: the schemas and paths of a group and version, as `/openapi/v3/…` serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.resources import components, operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.resources.kinds import Kind


def document(kinds: Sequence[Kind], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of kinds of one group and version. `version` is the program's."""
    return {
        "openapi": "3.0.0",
        "info": {"title": "Towpath", "version": version},
        "paths": operations.paths(kinds),
        "components": {"schemas": components.schemas(kinds)},
    }
