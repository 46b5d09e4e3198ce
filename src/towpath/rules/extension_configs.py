"""What the subscription type of an extension is configured with: checked by the struct that it declares, and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from towpath import errors, messages
from towpath.errors import FieldError
from towpath.resources.schema import ABSENT
from towpath.resources.structs import schema_of, view
from towpath.resources.validation.defaults import with_defaults
from towpath.resources.validation.structure import errors_of
from towpath.resources.validation.unknown import without_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.patterns import Effort
    from towpath.resources.fields import Struct
    from towpath.resources.schema import Schema

StructT = TypeVar("StructT", bound="Struct")
_TOLD: Final = 10


def config_errors(
    schema: Schema, config: Mapping[str, Any], path: str, effort: Effort | None = None
) -> list[FieldError]:
    """Return what is wrong with a configuration that stands at `path`."""
    _, unknown = without_unknown(schema, config)
    wrong = [
        FieldError(
            f"{path}.{each.path}", "FieldValueInvalid", f"there is no such field{each.meant}"
        )
        for each in unknown[:_TOLD]
    ]
    return wrong + errors_of(schema, with_defaults(schema, config), path, ABSENT, effort)


def read(type_: type[StructT], subscription: Mapping[str, Any]) -> StructT:
    """Return the `config` of a subscription as its type's own struct. Raises Invalid.

    It was checked when the Warehouse was written; since then another version of the extension may have come.
    """
    schema = schema_of(type_)
    config = subscription.get("config") or {}
    wrong = config_errors(schema, config, "config")
    if wrong:
        raise errors.Invalid(messages.statements([str(each) for each in wrong], _TOLD))
    return view(type_, with_defaults(schema, config))
