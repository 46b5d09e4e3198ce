"""What schemathesis is told of our API: which names there are, how to write one body, and what is no fault.

It runs in schemathesis' own process, which finds it by the variable `SCHEMATHESIS_HOOKS`.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import schemathesis

from tests.support.described_world import ALIAS, GIVEN, LEAVING, PROJECT, SHARING, SPARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schemathesis import Case, HookContext, Response, SerializationContext
    from schemathesis.core.failures import Failure

    from tests.support.described_world import Names

_NAMES: Final[Names] = {
    "projects": [PROJECT],
    "stages": ["dev", "prod"],
    "warehouses": ["main"],
    "roles": ["kargo-admin", "kargo-viewer", "release"],
    "api-tokens": ["token-release"],
    "configmaps": ["settings"],
    "generic-credentials": ["words"],
    "repo-credentials": ["repo-main"],
    "analysis-templates": ["smoke"],
    "cluster-analysis-templates": ["smoke"],
    "analysis-runs": ["smoke"],
    "promotion-tasks": ["task"],
    "cluster-promotion-tasks": ["task"],
    "webhooks": ["hook"],
    "steps": ["0"],
    "files": ["0"],
    "objects": ["0"],
    **json.loads(os.environ.get(GIVEN, "{}")),
}
_WORDS: Final[Names] = {
    "project": [PROJECT],
    "stage": ["dev", "prod"],
    "freight": _NAMES.get("freight", [ALIAS]),
    "freightAlias": [ALIAS],
    "newAlias": [ALIAS, "brave-heron"],
}
"""What parameters and keys of bodies with these names may be."""
_GOES: Final = "/v1beta1/projects/{project}"
_LEAVES: Final = ("/freeze", "/remove", "/export")
_GENERIC: Final = ("/roles/grants", "/roles/revocations")


def _chosen(value: Any, known: Sequence[str]) -> Any:
    """Return a name of the world in place of a value, four times of five."""
    drawn = crc32(repr(value).encode("utf-8", "surrogatepass"))
    return known[drawn // 5 % len(known)] if drawn % 5 else value


def _worded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _chosen(value, _WORDS[name]) if name in _WORDS and isinstance(value, str) else value
        for name, value in values.items()
    }


@schemathesis.hook
def map_path_parameters(context: HookContext, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Put names of the world where chance has others."""
    if context.operation is None or not path_parameters:
        return path_parameters
    path, deletes = context.operation.path, context.operation.method.upper() == "DELETE"
    segments = path.split("/")
    found = dict(path_parameters)
    for before, place in pairwise(segments):
        name = place.strip("{}")
        if name == place or name not in found or before not in _NAMES:
            continue
        known = _NAMES[before]
        if deletes and before != "projects":
            known = [SHARING.get(before, "") + each for each in SPARES]
        if before == "projects" and (path.endswith(_LEAVES) or (deletes and path == _GOES)):
            known = [LEAVING]
        found[name] = _chosen(found[name], known)
    return found


@schemathesis.hook
def map_query(_context: HookContext, query: dict[str, Any]) -> dict[str, Any]:
    """Ask for what there is."""
    return _worded(query) if query else query


@schemathesis.hook
def map_body(_context: HookContext, body: Any) -> Any:
    """Name what there is."""
    return _worded(body) if isinstance(body, dict) else body


@schemathesis.hook
def filter_failure(
    _context: HookContext, failure: Failure, case: Case[Any], _response: Response
) -> bool:
    """Let pass that a path which is also the one of a role allows what is allowed of roles, as it does in Kargo."""
    is_allow = type(failure).__name__ == "AllowHeaderMismatch"
    return not (is_allow and case.operation.path.endswith(_GENERIC))


@schemathesis.serializer("application/vnd.towpath.project")
def written(_context: SerializationContext, value: Any) -> bytes:
    """Return whatever was drawn as bytes: no file of ours."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
