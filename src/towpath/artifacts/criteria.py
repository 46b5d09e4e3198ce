"""Whether what was found meets the criteria of a Warehouse (`spec.freightCreationCriteria`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath import expressions
from towpath.expressions import ExpressionError, freight
from towpath.resources import booleans
from towpath.resources.structs import to_document

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.expressions import Need
    from towpath.resources.warehouse import DiscoveredArtifacts, Warehouse
    from towpath.runtime.evaluation import Evaluations


async def met(
    warehouse: Warehouse, found: DiscoveredArtifacts, evaluations: Evaluations, now: datetime
) -> bool:
    """Whether Freight may be made of what was found. Raises ExpressionError."""
    criteria = warehouse.spec.freight_creation_criteria
    if criteria is None or not criteria.expression:
        return True
    if not (found.git or found.images or found.charts):
        return True
    program = expressions.compile(criteria.expression, freight.DISCOVERED_SIGNATURES)
    functions = freight.discovered(to_document(found))
    value = await evaluations.evaluate(
        program,
        {},
        functions,
        load=_nothing,
        now=now,
        caller=warehouse.metadata.namespace,
    )
    if isinstance(value, bool):
        return value
    truth = booleans.parse(str(value))
    if truth is not None:
        return truth
    raise ExpressionError(f"it must come to true or false, not {value!r}")


async def _nothing(_: Need) -> Any:
    return None
