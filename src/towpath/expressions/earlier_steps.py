"""`status`, `success`, `failure` and `always`: how the steps before fared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.expressions.static_types import BOOL, STRING, Signature
from towpath.expressions.values import Failure, Function, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIGNATURES: Final[Mapping[str, Signature]] = {
    "status": Signature(1, 1, (STRING,), STRING),
    **{name: Signature(0, 0, (), BOOL) for name in ("success", "failure", "always")},
}
_SEPARATOR: Final = "::"
_BAD: Final = frozenset({"Failed", "Errored"})


def functions(alias: str, steps: Sequence[Mapping[str, Any]]) -> dict[str, Function]:
    """Return the functions by name, for the step `alias` after the steps (`stepExecutionMetadata`) so far."""
    prefix = alias.partition(_SEPARATOR)[0] + _SEPARATOR if _SEPARATOR in alias else ""

    def status(wanted: Any) -> str:
        if not isinstance(wanted, str):
            raise Failure(f"an alias must be a string, not {shown(wanted)}")
        if not wanted:
            raise Failure("an alias must not be empty")
        for step in steps:
            if step.get("alias") == prefix + wanted:
                return str(step.get("status") or "")
        return ""

    def failure() -> bool:
        return any(step.get("status") in _BAD and not step.get("continueOnError") for step in steps)

    return {
        "status": Function("status", status),
        "success": Function("success", lambda: not failure()),
        "failure": Function("failure", failure),
        "always": Function("always", lambda: True),
    }
