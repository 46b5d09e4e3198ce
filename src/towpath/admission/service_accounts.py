"""ServiceAccounts: whoever maps people to one hands its rights on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from towpath.admission import escalation, quotas
from towpath.admission.kind_rules import KindRules
from towpath.resources import claims, scheme
from towpath.resources.annotations import CLAIMS

if TYPE_CHECKING:
    from towpath.admission.authorizer import Authorizer
    from towpath.admission.requester import Requester
    from towpath.store.contract import Document, Store


class ServiceAccountRules(KindRules):
    """Rules of ServiceAccounts."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    async def check(self, document: Document, old: Document | None, requester: Requester) -> None:
        """Raise Forbidden where people are mapped to an account that may do more than the requester."""
        if old is None and not requester.is_controller:
            await quotas.refuse_more_rights(self._store, scheme.SERVICE_ACCOUNT, document)
        before = set(claims.keys(old)) if old is not None else set()
        if set(claims.keys(document)) <= before:
            return
        metadata = document["metadata"]
        namespace, name = str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
        told = f'serviceaccounts "{name}"'
        # People have the rights of a Project's account in that Project, even those that the account has everywhere.
        within = "" if self._authorizer.is_global(namespace) else namespace
        await escalation.refuse_account(
            self._authorizer, requester, namespace, name, told, within=within
        )

    async def warnings(self, document: Document) -> list[str]:
        """Say where an annotation maps nobody."""
        text = (document["metadata"].get("annotations") or {}).get(CLAIMS)
        if not text:
            return []
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and all(_is_values(each) for each in found.values()):
            return []
        said = "it must be a JSON object, claim to a text or a list of texts; anything else maps nobody to this account"
        return [f"metadata.annotations[{CLAIMS}]: {said}"]


def _is_values(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(each, str) for each in value)
    )
