"""`set-metadata`: notes values on Stages and Freight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from towpath.promotion.effects.objects import NotedKind
from towpath.promotion.step import BaseStep, Errored, Succeeded
from towpath.resources.fields import Field, Struct
from towpath.resources.schema import Rule

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class MetadataUpdate(Struct, kw_only=True):
    """What to note on one object."""

    RULES: ClassVar = (
        Rule(
            expression="size(self.values) > 0",
            message="values: it must have at least one key",
            holds=lambda update, _: bool(update.get("values")),
        ),
    )

    kind: Annotated[str, Field("Its kind: Stage or Freight.", enum=("Stage", "Freight"))]
    name: Annotated[str, Field("Its name.", min_length=1)]
    values: Annotated[
        dict[str, Any], Field("Values by key, at least one; keys that are not named stay.")
    ]


class SetMetadataConfig(Struct, kw_only=True):
    """What to note where."""

    updates: Annotated[list[MetadataUpdate], Field("One for each object.", min_items=1)]


class SetMetadata(BaseStep):
    """Notes values on Stages and Freight."""

    name: ClassVar[str] = "set-metadata"
    config: ClassVar[type[Struct]] = SetMetadataConfig
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SetMetadataConfig) -> Outcome:
        """Note them, one object after the other."""
        for update in config.updates:
            if "" in update.values:
                said = f"config.updates: a key of {update.kind} {update.name} is empty; name it"
                return Errored(message=said)
        for update in config.updates:
            await context.effects.objects.set_metadata(
                NotedKind(update.kind), update.name, update.values
            )
        told = (
            f"{update.kind} {update.name}: {', '.join(update.values)}" for update in config.updates
        )
        return Succeeded(message=f"noted on {'; '.join(told)}")
