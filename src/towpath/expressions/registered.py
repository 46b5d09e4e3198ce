"""Kargo's functions that expressions of Promotions may call, by the place where an expression stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions import data, earlier_steps, freight, quoting, released, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions.static_types import Signature

ALWAYS: Final = frozenset({*quoting.SIGNATURES, *versions.SIGNATURES})
"""Names of the functions that every template has."""
IN_VARIABLES: Final[Mapping[str, Signature]] = {
    **freight.SIGNATURES,
    **data.SIGNATURES,
    **released.SIGNATURES,
}
"""In variables, and in arguments of verifications."""
IN_STEPS: Final[Mapping[str, Signature]] = {**IN_VARIABLES, **earlier_steps.SIGNATURES}
"""In `if` and `config` of a step, which may ask how the steps before it ended."""
