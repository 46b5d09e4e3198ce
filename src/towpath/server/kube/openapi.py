"""OpenAPI documents as they are served: v3 by group and version, v2 as a whole.

They are made when they are first asked for, and kept as the bytes that are sent.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any, Final

from towpath import __version__
from towpath.resources import openapi, operations, swagger
from towpath.resources.scheme import SCHEME

ROOT: Final = "/openapi/v3"


def index() -> dict[str, Any]:
    """Return what `/openapi/v3` answers: where each document is, with a hash that changes with its content."""
    return {
        "paths": {
            path: {"serverRelativeURL": f"{ROOT}/{path}?hash={digest(path)}"} for path in _kinds()
        }
    }


def document(path: str) -> bytes | None:
    """Return the document of `api/v1` or `apis/GROUP/VERSION`; None for what there is not."""
    return _document(path) if path in _kinds() else None


@cache
def digest(path: str) -> str:
    """Return the hash of a document."""
    return hashlib.sha256(_document(path)).hexdigest().upper()


@cache
def in_v2(*, as_protobuf: bool) -> bytes:
    """Return the whole as OpenAPI v2, as JSON or in the protobuf form."""
    whole = swagger.document(map(_described, _kinds()), version=__version__)
    return swagger.encoded(whole) if as_protobuf else json.dumps(whole).encode()


@cache
def _document(path: str) -> bytes:
    return json.dumps(_described(path)).encode()


def _described(path: str) -> dict[str, Any]:
    kinds = [kind for kind in SCHEME if _path(kind.group, kind.version) == path]
    return openapi.document(kinds, version=__version__) | {"paths": operations.paths(kinds)}


@cache
def _kinds() -> tuple[str, ...]:
    """Return the path of every document."""
    return tuple(sorted({_path(kind.group, kind.version) for kind in SCHEME}))


def _path(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"
