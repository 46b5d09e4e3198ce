"""`secret`, `configMap`, their shared forms, metadata and status of Freight and Stages."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.static_types import ANY, STRING, TEXTS, Signature
from towpath.expressions.values import Failure, Function, Texts, shown
from towpath.resources.labels import CREDENTIAL_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions.need import LoadedObjects

OPENS_SECRETS: Final = frozenset({"secret", "sharedSecret"})
"""Functions that give a Secret's values."""

SIGNATURES: Final[Mapping[str, Signature]] = {
    **{
        name: Signature(1, 1, (STRING,), TEXTS)
        for name in ("secret", "sharedSecret", "configMap", "sharedConfigMap")
    },
    **{
        name: Signature(1, 1, (STRING,), ANY)
        for name in ("freightMetadata", "stageMetadata", "freightStatus")
    },
}


def functions(project: str, shared: str) -> dict[str, Function]:
    """Return the functions by name. `shared`: namespace of resources that all Projects share."""

    def secret(known: LoadedObjects, name: Any) -> Texts:
        return _decoded(known.find("Secret", project, _name(name)))

    def shared_secret(known: LoadedObjects, name: Any) -> Texts:
        document = known.find("Secret", shared, _name(name))
        labels = ((document or {}).get("metadata") or {}).get("labels") or {}
        return _decoded(document) if labels.get(CREDENTIAL_TYPE) == "generic" else Texts()

    def config_map(known: LoadedObjects, name: Any) -> Texts:
        return Texts((known.find("ConfigMap", project, _name(name)) or {}).get("data") or {})

    def shared_config_map(known: LoadedObjects, name: Any) -> Texts:
        return Texts((known.find("ConfigMap", shared, _name(name)) or {}).get("data") or {})

    def metadata(kind: str) -> Any:
        def read(known: LoadedObjects, name: Any) -> Any:
            document = known.find(kind, project, _required(name, kind))
            return ((document or {}).get("status") or {}).get("metadata")

        return read

    def freight_status(known: LoadedObjects, name: Any) -> Any:
        document = known.find("Freight", project, _required(name, "Freight"))
        return None if document is None else document.get("status") or {}

    read = {
        "secret": secret,
        "sharedSecret": shared_secret,
        "configMap": config_map,
        "sharedConfigMap": shared_config_map,
        "freightMetadata": metadata("Freight"),
        "stageMetadata": metadata("Stage"),
        "freightStatus": freight_status,
    }
    return {name: Function(name, call, reads=True) for name, call in read.items()}


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise Failure(f"a name must be a string, not {shown(value)}")
    return value


def _required(value: Any, kind: str) -> str:
    if not _name(value):
        raise Failure(f"the name of a {kind} must not be empty")
    return _name(value)


def _decoded(document: Mapping[str, Any] | None) -> Texts:
    """Return a Secret's values as texts. Raises Failure for what is not base64, without showing it."""
    found = Texts()
    for key, value in ((document or {}).get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError, TypeError) as error:
            raise Failure(f"key {key} of the Secret is not base64") from error
    return found
