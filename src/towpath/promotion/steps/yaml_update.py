"""`yaml-update`: sets scalars in a YAML file; every byte outside them stays."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

from towpath.documents.scalar_edit import Format
from towpath.expressions import gotext
from towpath.promotion.scalar_update import ScalarUpdate, number_text
from towpath.resources import booleans
from towpath.resources.fields import Field, Json, Struct
from towpath.resources.schema import Rule


class YamlUpdateItem(Struct, kw_only=True):
    """One scalar to set."""

    RULES: ClassVar = (
        Rule(
            expression="!(type(self.value) in [list, map])",
            message="value: it must be a scalar, not an object or a list; set each of its scalars by a key of its own",
            holds=lambda item, _: not isinstance(item.get("value"), dict | list),
        ),
    )

    key: Annotated[
        str, Field("Path of the scalar, such as `image.tag` or `list.0.name`.", min_length=1)
    ]
    value: Annotated[
        Json, Field("Its new value: a string, a number, a boolean or null.", required=True)
    ] = None


class YamlUpdateConfig(Struct, kw_only=True):
    """What to set in which file."""

    path: Annotated[str, Field("The file, in the work directory.", min_length=1)]
    updates: Annotated[list[YamlUpdateItem], Field("The scalars to set.", min_items=1)]


class YamlUpdate(ScalarUpdate):
    """Sets scalars in a YAML file."""

    name: ClassVar[str] = "yaml-update"
    config: ClassVar[type[Struct]] = YamlUpdateConfig
    format: ClassVar[Format] = Format.YAML

    def as_text(self, value: Any) -> str:
        """Return a value as upstream writes it."""
        return as_go(value)


def as_go(value: Any) -> str:
    """Return a value as upstream writes it: strings in quotes only where they look like something else."""
    match value:
        case str() if _looks_otherwise(value):
            return gotext.quoted(value)
        case str():
            return value
        case _:
            return number_text(value)


def _looks_otherwise(text: str) -> bool:
    """Whether Go would read a string as a number, a boolean or JSON."""
    if booleans.parse(text) is not None or gotext.parse_float(text) is not None:
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
