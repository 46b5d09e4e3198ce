"""OpenAPI documents as they are served: v3 by group and version, v2 as a whole.

They are made when they are first asked for, which takes some tenths of a second, so it is to be done in a thread; and
kept as the bytes that are sent.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from towpath import __version__
from towpath.resources import openapi, swagger
from towpath.resources.reviews import REVIEWS
from towpath.resources.scheme import SCHEME

if TYPE_CHECKING:
    from towpath.resources.kinds import Kind

ROOT: Final = "/openapi/v3"


def index() -> dict[str, Any]:
    """Return what `/openapi/v3` answers: where each document is, with a hash that changes with its content."""
    return {
        "paths": {
            path: {"serverRelativeURL": f"{ROOT}/{path}?hash={digest(path)}"}
            for path in _documents()
        }
    }


def document(path: str) -> bytes | None:
    """Return the document of `api/v1` or `apis/GROUP/VERSION`; None for what there is not."""
    return _document(path) if path in _documents() else None


@cache
def digest(path: str) -> str:
    """Return the hash of a document."""
    return hashlib.sha256(_document(path)).hexdigest().upper()


@cache
def in_v2(*, as_protobuf: bool) -> bytes:
    """Return the whole as OpenAPI v2, as JSON or in the protobuf form."""
    whole = swagger.document(map(_described, _documents()), version=__version__)
    return swagger.encoded(whole) if as_protobuf else json.dumps(whole).encode()


@cache
def _document(path: str) -> bytes:
    return json.dumps(_described(path)).encode()


def _described(path: str) -> dict[str, Any]:
    return openapi.document(_documents()[path], version=__version__)


@cache
def _documents() -> dict[str, list[Kind]]:
    """Return by the path of each document, in order, which kinds it is about."""
    found: dict[str, list[Kind]] = {}
    for kind in (*SCHEME, *REVIEWS):
        found.setdefault(_path(kind), []).append(kind)
    return dict(sorted(found.items()))


def _path(kind: Kind) -> str:
    return f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"
