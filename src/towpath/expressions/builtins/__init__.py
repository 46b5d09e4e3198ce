"""The builtin functions that take values only, a module for each family; those with predicates are `predicates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions.builtins import collections, conversions, moments, numbers, texts

if TYPE_CHECKING:
    from towpath.expressions.builtins.builtin import Builtin

BUILTINS: Final[dict[str, Builtin]] = {
    **conversions.FUNCTIONS,
    **texts.FUNCTIONS,
    **numbers.FUNCTIONS,
    **collections.FUNCTIONS,
    **moments.FUNCTIONS,
}
