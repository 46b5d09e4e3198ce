"""Arguments of a run whose values come from Secrets: read anew whenever measurements are begun, so that a new value is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.rules.analysis import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.resources.analysis_template import Argument
    from towpath.verification.provider import MeasuringSecrets


async def from_secrets(args: Sequence[Argument], secrets: MeasuringSecrets) -> dict[str, str]:
    """Return, by names of arguments, the values that come from Secrets of the run's Project.

    Raises Invalid, naming argument, Secret and key, for what is not there.
    """
    opened: dict[str, Mapping[str, str]] = {}
    found = {}
    for name, wanted in arguments.secrets_wanted(args).items():
        if wanted.name not in opened:
            try:
                opened[wanted.name] = await secrets.read(wanted.name)
            except errors.NotFound as error:
                raise errors.Invalid(f'argument "{name}": {error.message}') from error
        value = opened[wanted.name].get(wanted.key)
        if value is None:
            raise errors.Invalid(
                f'argument "{name}": Secret {wanted.name} has no key {wanted.key}; add it'
            )
        found[name] = value
    return found
