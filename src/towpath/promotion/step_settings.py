"""What an operator says of a step: how patient it is where manifests do not say so, and what its own class asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath.errors import BadRequest
from towpath.promotion.step import NoSettings
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.promotion.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettings:
    """Of one step."""

    error_threshold: int | None = None
    """Errors in a row that end it; None: as the step says."""
    timeout_seconds: float | None = None
    """How long it may go on; 0: no limit; None: as the step says."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """For the step itself, as its `settings` type has it."""


def made(class_: Callable[..., Step[Any]], name: str, given: StepSettings) -> Step[Any]:
    """Return a step of a class, with what the operator says for it.

    Raises BadRequest, naming each key, for what is not as the class's `settings` has it.
    """
    type_ = getattr(class_, "settings", NoSettings)
    if type_ is NoSettings:
        if given.own:
            raise BadRequest(f"steps.{name}.settings: the step {name} has no settings of its own")
        return class_()
    schema = schema_of(type_)
    _, unknown = without_unknown(schema, dict(given.own))
    whole = with_defaults(schema, dict(given.own))
    wrong = [f"{each.path}: there is no such setting{each.meant}" for each in unknown]
    wrong += [str(each) for each in errors_of(schema, whole, "", ABSENT)]
    if wrong:
        raise BadRequest("; ".join(f"steps.{name}.settings: {each}" for each in wrong))
    return class_(view(type_, whole))
