"""What a server says of a failure: `Status` of Kubernetes, `runtimeError` of Argo CD. Nothing of it is taken for granted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES: Final = 64 << 10
"""Larger ones are no words for people."""
_AHEAD: Final = "Too large resource version"
_AHEAD_CAUSE: Final = "ResourceVersionTooLarge"


def read(body: bytes) -> Mapping[str, Any]:
    """Return what is said; empty for what is no JSON object, and for what is larger than 64 KiB."""
    if len(body) > _MOST_BYTES:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def is_ahead(status: Mapping[str, Any]) -> bool:
    """Whether it says that a version is asked for which the server has not reached.

    So a cluster answers (with 504, older ones with 500) that was restored from a backup after the version was told:
    https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/storage/errors.go.
    """
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    reasons = (
        [each.get("reason") for each in causes or () if isinstance(each, dict)]
        if isinstance(causes, list)
        else []
    )
    message = status.get("message")
    return _AHEAD_CAUSE in reasons or (isinstance(message, str) and _AHEAD in message)
