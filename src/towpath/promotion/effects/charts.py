"""Charts of other places as steps see them."""

from __future__ import annotations

from typing import Protocol

from towpath.promotion.effects.classes import EffectClass, effect


class ChartRepositories(Protocol):
    """Reads charts from elsewhere, by https, http or as OCI artifacts, with the Project's credentials."""

    @effect(EffectClass.CONVERGENT)
    async def choose(self, repository: str, name: str, wanted: str) -> str:
        """Return the newest version of a chart within a range, as the repository writes it.

        Raises BadRequest for what cannot be read, NotFound, which names what there is, Forbidden, Unavailable, Timeout and
        TooLarge.
        """
        ...

    @effect(EffectClass.CONVERGENT)
    async def archive(self, repository: str, name: str, version: str) -> bytes:
        """Return the archive of one version of a chart, which was checked. Raises as `choose`."""
        ...
