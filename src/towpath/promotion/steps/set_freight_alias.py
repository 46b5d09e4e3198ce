"""`set-freight-alias`: gives Freight an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from towpath import errors
from towpath.promotion.step import BaseStep, Failed, Succeeded
from towpath.resources.fields import Field, Struct

if TYPE_CHECKING:
    from towpath.promotion.step import Outcome, StepContext


class SetFreightAliasConfig(Struct, kw_only=True):
    """Which Freight, and which alias."""

    name: Annotated[str, Field("The Freight's name.", min_length=1)]
    alias: Annotated[
        str, Field("Its new alias; no other Freight of the Project may have it.", min_length=1)
    ]


class SetFreightAlias(BaseStep):
    """Gives Freight an alias."""

    name: ClassVar[str] = "set-freight-alias"
    config: ClassVar[type[Struct]] = SetFreightAliasConfig
    convergent: ClassVar[bool] = True
    uses_directory: ClassVar[bool | tuple[str, ...]] = False

    async def run(self, context: StepContext, config: SetFreightAliasConfig) -> Outcome:
        """Give it. What is refused is refused for good: an alias that another has, Freight that is not there."""
        try:
            before = await context.effects.objects.set_freight_alias(config.name, config.alias)
        except (errors.Unavailable, errors.Timeout):
            raise
        except errors.TowpathError as error:
            return Failed(message=error.message)
        if before == config.alias:
            return Succeeded(message=f"Freight {config.name} is called {config.alias} already")
        was = f", before {before}" if before else ""
        return Succeeded(message=f"Freight {config.name} is called {config.alias} now{was}")
