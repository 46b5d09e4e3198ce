"""Secrets: `stringData` becomes `data`; errors never show a value."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules
from towpath.resources.validation import wording

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.store.contract import Document


class ImmutableRules(KindRules):
    """Rules of what can be made immutable: ConfigMaps, and Secrets besides."""

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what an update of an immutable object would change."""
        if old is None or not old.get("immutable"):
            return []
        said = "field is immutable when `immutable` is set"
        changed = [
            field
            for field in ("data", "binaryData")
            if (document.get(field) or {}) != (old.get(field) or {})
        ]
        if not document.get("immutable"):
            changed.insert(0, "immutable")
        return [wording.forbidden(field, said) for field in changed]


class SecretRules(ImmutableRules):
    """Rules of Secrets."""

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Move `stringData` into `data`, where it wins, as an API server does."""
        del old, requester
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
