"""Secrets: `stringData` becomes `data`; errors never show a value."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules

if TYPE_CHECKING:
    from towpath.admission.requester import Requester
    from towpath.store.contract import Document


class SecretRules(KindRules):
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
