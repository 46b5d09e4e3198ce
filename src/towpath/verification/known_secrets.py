"""What a run was told in confidence. Nothing of it is shown: whatever the run says is masked by it.

It is kept in memory only: whoever goes on with a run reads its Secrets anew before it asks a provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath import messages
from towpath.errors import BadRequest
from towpath.masking import Masker, TooMany

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK: Final = "*****"
"""As Argo Rollouts masks secret arguments."""
MESSAGE_BYTES: Final = 2 << 10
"""Of what a measurement says; there may be many of them in a status."""
VALUE_BYTES: Final = 2 << 10
_MOST_PASSING: Final = 16
_MOST_METADATA: Final = 16
_METADATA_BYTES: Final = 8 << 10
"""Of one entry: a provider keeps in it what it needs to go on."""


class KnownSecrets:
    """The secret values that one run knows."""

    def __init__(self) -> None:
        self._masker = Masker(live=True, shown=MASK)
        self._passing: dict[str, Masker] = {}
        """What is valid for a while, as tokens are: those of late."""

    def learn(self, values: Mapping[str, str]) -> None:
        """Take the values of a Secret. Raises BadRequest for too many."""
        for value in values.values():
            try:
                self._masker.learn(value)
            except TooMany as error:
                raise BadRequest(
                    f"the run was given {error}; read Secrets with fewer keys"
                ) from error

    def learn_passing(self, value: str) -> None:
        """Take a value that is valid for a while; of many that follow one another the last few are known."""
        known = self._passing.pop(value, None) or Masker(live=True, shown=MASK)
        known.learn(value)
        self._passing[value] = known
        if len(self._passing) > _MOST_PASSING:
            del self._passing[next(iter(self._passing))]

    def masked(self, text: str) -> str:
        """Return a text as it may be shown, whole."""
        for masker in self._passing.values():
            text = masker.mask(text)
        return self._masker.mask(text)

    def message(self, text: str) -> str:
        """Return a message as it may be shown: masked, plain, and not longer than anybody reads."""
        return self._said(text, MESSAGE_BYTES)

    def value(self, text: str) -> str:
        """Return a measured value as it is recorded; a longer one is cut."""
        return self._said(text, VALUE_BYTES)

    def metadata(self, noted: Mapping[str, str]) -> dict[str, str]:
        """Return what a provider noted, masked; of more entries than are kept the first."""
        kept = list(noted.items())[:_MOST_METADATA]
        return {
            self._said(str(name), 200): self._said(str(value), _METADATA_BYTES)
            for name, value in kept
        }

    def _said(self, text: str, most_bytes: int) -> str:
        # What is no secret may become one when what hides in it is taken out.
        cut = messages.cut(text, 4 * most_bytes)
        return messages.cut(self.masked(messages.plain(self.masked(cut))), most_bytes)
