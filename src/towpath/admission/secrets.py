"""Secrets and ConfigMaps: what their keys may be called, what is fixed; `stringData` becomes `data`.

The rules are those of a Kubernetes API server. Errors never show a value.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final

from towpath import patterns
from towpath.admission.kind_rules import KindRules, labels_of
from towpath.admission.warnings import credentials as warnings
from towpath.admission.warnings import repositories
from towpath.admission.warnings.surroundings import Surroundings
from towpath.errors import Forbidden
from towpath.resources import secret
from towpath.resources.labels import CREDENTIAL_TYPE, REPLICATED_FROM, REPLICATED_SHA
from towpath.resources.shared_namespaces import SHARED, SYSTEM_RESOURCES
from towpath.resources.validation import wording
from towpath.rules import replicas
from towpath.store.contract import MASK

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.store.contract import Document, Store, Stored


_FIELDS: Final = ("data", "binaryData")
_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_LONGEST_KEY: Final = 253
_WANTED: Final = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
"""By type of a Secret: the keys it must have."""
_BASIC: Final = "kubernetes.io/basic-auth"
_EITHER: Final = ("username", "password")


class ConfigMapRules(KindRules):
    """Rules of what holds values by key and can be made immutable: ConfigMaps, and Secrets besides."""

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Mark a copy that somebody else writes: the controller of copies makes it anew."""
        if old is not None and replicas.is_copy(old) and not requester.is_controller:
            labels_of(document)[REPLICATED_SHA] = replicas.TOUCHED
        return document

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Forbidden for a copy of what is shared, which is written where it is shared."""
        if replicas.is_copy(document) or (old is not None and replicas.is_copy(old)):
            _refuse_copy(document, requester)

    async def check_deletion(self, stored: Stored, requester: Requester) -> None:
        """Raise Forbidden for a copy: it goes when it is shared no more."""
        if replicas.is_copy(stored.document):
            _refuse_copy(stored.document, requester)

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with new keys, and what an update of an immutable object would change."""
        return [*_wrong_keys(document, old or {}), *self._changed(document, old)]

    def _changed(self, document: Document, old: Document | None) -> list[FieldError]:
        if old is None or not old.get("immutable"):
            return []
        said = "field is immutable when `immutable` is set"
        changed = [
            field for field in _FIELDS if (document.get(field) or {}) != (old.get(field) or {})
        ]
        if not document.get("immutable"):
            changed.insert(0, "immutable")
        return [wording.forbidden(field, said) for field in changed]


class SecretRules(ConfigMapRules):
    """Rules of Secrets."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with the keys too: a new Secret has those that its type is known by."""
        found = await super().errors(document, old)
        data, type_ = document.get("data") or {}, document.get("type")
        missing = [key for key in _WANTED.get(str(type_), ()) if key not in data]
        if type_ == _BASIC and not any(key in data for key in _EITHER):
            missing = list(_EITHER)
        lacked = (
            [] if old is None else [key for key in missing if key not in (old.get("data") or {})]
        )
        required = [wording.required(f"data[{key}]") for key in missing if key not in lacked]
        return [*found, *required, *_wrong_pattern(document)]

    async def warnings(self, document: Document) -> list[str]:
        """Return why nobody would use it as the credential that it looks like."""
        data = document.get("data") or {}
        return warnings.of_secret(
            _labels(document),
            [key for key in data if data[key]],
            _readable(document),
            document["metadata"].get("annotations") or {},
        )

    async def dangling(self, document: Document, requester: Requester) -> list[str]:
        """Return that it is the credential of no repository there is."""
        type_ = _labels(document).get(CREDENTIAL_TYPE)
        namespace = document["metadata"]["namespace"]
        if type_ not in secret.CREDENTIAL_TYPES or namespace in (SHARED, SYSTEM_RESOURCES):
            return []
        around = Surroundings(self._store, self._authorizer, requester, namespace)
        return warnings.of_use(type_, _readable(document), await repositories.of_project(around))

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Move `stringData` into `data`, where it wins, as an API server does."""
        document = await super().prepare(document, old, requester)
        plain, data = document.get("stringData"), document.get("data")
        is_text = isinstance(plain, dict) and all(isinstance(item, str) for item in plain.values())
        if isinstance(plain, dict) and is_text and isinstance(data, dict | None):
            encoded = {
                key: base64.b64encode(value.encode()).decode() for key, value in plain.items()
            }
            document["data"] = {**(data or {}), **encoded}
            del document["stringData"]
        document.setdefault("type", "Opaque")
        return document


def _refuse_copy(document: Document, requester: Requester) -> None:
    if requester.is_controller or requester.user.is_master:
        return
    metadata = document["metadata"]
    raise Forbidden(
        f'{document["kind"]} "{metadata["name"]}" is the copy of one in namespace {SHARED}, marked by the label '
        f"{REPLICATED_FROM}: change that one, or have it copied no more"
    )


def _labels(document: Document) -> dict[str, Any]:
    return (document.get("metadata") or {}).get("labels") or {}


def _readable(document: Document) -> dict[str, str]:
    """Return the values that tell which repositories a credential is for, where they can be read."""
    keys = (secret.REPO_URL, secret.REPO_URL_IS_REGEX)
    return {key: value for key in keys if (value := _opened(document, key)) is not None}


def _wrong_pattern(document: Document) -> list[FieldError]:
    """Return that the repositories of a credential are told by what is no regular expression."""
    if CREDENTIAL_TYPE not in _labels(document):
        return []
    is_pattern, pattern = (
        _opened(document, key) for key in (secret.REPO_URL_IS_REGEX, secret.REPO_URL)
    )
    if is_pattern != "true" or pattern is None:
        return []
    try:
        patterns.compile(pattern)
    except patterns.PatternError:  # its text shows the value
        said = f"with {secret.REPO_URL_IS_REGEX} it must be a regular expression (RE2), and is none"
        return [wording.invalid(f"data[{secret.REPO_URL}]", wording.HIDDEN, said)]
    return []


def _opened(document: Document, key: str) -> str | None:
    """Return a value as text; None if it is missing, masked or not text."""
    value = (document.get("data") or {}).get(key)
    if not isinstance(value, str) or value == MASK:
        return None
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return None


def _is_key(key: str) -> bool:
    is_relative = key == "." or key.startswith("..")
    return len(key) <= _LONGEST_KEY and _KEY.fullmatch(key) is not None and not is_relative


def _wrong_keys(document: Document, old: Document) -> list[FieldError]:
    """Return what is wrong with keys that were not there before: an older version took any."""
    found = []
    for field in _FIELDS:
        for key in (document.get(field) or {}).keys() - (old.get(field) or {}).keys():
            if _is_key(key):  # as nearly all are, of very many
                continue
            path = f"{field}[{wording.cut(key)}]"
            if len(key) > _LONGEST_KEY:
                found.append(wording.too_long(path, _LONGEST_KEY))
            elif not _KEY.fullmatch(key):
                said = (
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  "
                    "or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
                )
                found.append(wording.invalid(path, key, said))
            else:
                found.append(wording.invalid(path, key, "must not be '.' or start with '..'"))
    twice = sorted((document.get("data") or {}).keys() & (document.get("binaryData") or {}).keys())
    for key in twice:
        said = "duplicate of key present in binaryData"
        found.append(wording.invalid(f"data[{wording.cut(key)}]", key, said))
    return sorted(found, key=lambda error: error.path)
