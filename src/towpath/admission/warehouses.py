"""Warehouses: defaults and rules of their subscriptions (docs/reference/kinds/warehouse.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.admission.kind_rules import KindRules, annotations_of, labels_of, set_or_drop, text_at
from towpath.admission.warnings import steps as warnings
from towpath.expressions import freight
from towpath.resources.annotations import SETTLE
from towpath.resources.labels import SHARD_LABEL
from towpath.resources.structs import schema_of
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.warehouse import (
    GenericSubscription,
    subscription_schema,
    subscription_type,
)
from towpath.rules import bursts
from towpath.rules.idle_options import idle_options
from towpath.rules.subscriptions import subscription_errors, subscription_warnings
from towpath.rules.written_patterns import expression_errors

_MOST_READ = 50
"""Subscriptions whose expressions are read ahead."""

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.admission.requester import Requester
    from towpath.errors import FieldError
    from towpath.resources.schema import Schema
    from towpath.store.contract import Document


class WarehouseRules(KindRules):
    """Rules of Warehouses: each subscription has the defaults of its own type, and keeps its rules."""

    def __init__(self, known_subscriptions: Mapping[str, Schema | None]) -> None:
        self._known = known_subscriptions

    async def prepare(
        self, document: Document, old: Document | None, requester: Requester
    ) -> Document:
        """Set the shard label, and the defaults of subscriptions of known types."""
        del old, requester
        set_or_drop(labels_of(document), SHARD_LABEL, text_at(document, "spec", "shard"))
        spec = document.get("spec")
        items = spec.get("subscriptions") if isinstance(spec, dict) else None
        if isinstance(items, list):
            for item in items:
                type_ = subscription_type(item)
                if type_ is not None:
                    schema = subscription_schema(type_) or schema_of(GenericSubscription)
                    item[type_] = with_defaults(schema, item[type_])
        return document

    async def errors(self, document: Document, old: Document | None) -> list[FieldError]:
        """Return what is wrong with subscriptions and criteria beyond their schema."""
        spec = document["spec"]
        criteria = spec.get("freightCreationCriteria") or {}
        before = annotations_of(old) if old is not None else {}
        given = annotations_of(document)
        is_new = before.get(SETTLE) != given.get(SETTLE)
        return [
            *(bursts.annotation_errors(given) if is_new else ()),
            *subscription_errors(spec["subscriptions"], self._known),
            *expression_errors(
                "spec.freightCreationCriteria.expression", criteria.get("expression")
            ),
        ]

    async def warnings(self, document: Document) -> list[str]:
        """Return warnings of what can find nothing, of options that come to nothing, of expressions that cannot be read."""
        spec = document["spec"]
        said = [*subscription_warnings(spec["subscriptions"]), *idle_options(spec)]
        for number, item in enumerate(spec["subscriptions"][:_MOST_READ]):
            filtered = (item.get("git") or {}).get("expressionFilter")
            path = f"spec.subscriptions[{number}].git.expressionFilter"
            said += warnings.of_expression(path, filtered)
        criteria = spec.get("freightCreationCriteria") or {}
        path = "spec.freightCreationCriteria.expression"
        return said + warnings.of_expression(
            path, criteria.get("expression"), freight.DISCOVERED_SIGNATURES
        )
