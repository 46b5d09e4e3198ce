"""What a Promotion was told in confidence: values of Secrets, and whatever its expressions made of them.

Nothing of it is shown: the Promotion's messages, outputs and Events are masked by it, and while it exists lines of the
log are, too. The values that expressions were given are kept in the journal, sealed, so that whoever goes on after a
crash knows them; credentials are read anew by whoever uses them, and known from then on.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from towpath import messages
from towpath.errors import BadRequest
from towpath.expressions import gotext
from towpath.expressions.values import Failure
from towpath.masking import SHORTEST, Masker, TooMany
from towpath.resources import secret
from towpath.resources.labels import CREDENTIAL_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PLAIN: Final = (secret.REPO_URL, secret.REPO_URL_IS_REGEX)
"""Values of a credential that say what it is for, and may be seen."""

_SEPARATORS: Final = re.compile(r"[\s/.:,;@?&=#]+")
_SHORTEST_PIECE: Final = 8
_MOST_HELD: Final = 256


class Disclosed:
    """The secret values that one Promotion knows."""

    def __init__(self) -> None:
        self._masker = Masker(live=True)
        self._kept: list[str] = []
        self._shown: dict[str, tuple[Any, int, Any]] = {}
        """By alias: an output, how many values were known, and how it is shown."""
        self._held: dict[int, tuple[Any, int, bool]] = {}
        """By identity: a value, which is kept so that it stays that one; how many were known; whether it holds one."""

    def __bool__(self) -> bool:
        return bool(self._masker)

    @property
    def kept(self) -> tuple[str, ...]:
        """What is to be known again after a restart."""
        return tuple(self._kept)

    def learn(self, *values: str, keep: bool = True) -> None:
        """Take values. `keep`: they have to be known again after a restart. Raises BadRequest for too many."""
        for value in values:
            try:
                is_new = self._masker.learn(value)
            except TooMany as error:
                raise BadRequest(
                    f"the Promotion was given {error}; read Secrets with fewer keys"
                ) from error
            if is_new and keep:
                self._kept.append(value)
                for piece in _pieces(value):
                    self._masker.learn(piece)

    def learning(self, document: Mapping[str, Any]) -> Iterator[None]:
        """Take the values of a Secret one after the other, as far as it is asked for; there may be thousands.

        Raises BadRequest for too many.
        """
        labels = (document.get("metadata") or {}).get("labels") or {}
        is_credential = labels.get(CREDENTIAL_TYPE) in secret.CREDENTIAL_TYPES
        for key, encoded in (document.get("data") or {}).items():
            try:
                value = base64.b64decode(encoded).decode("utf-8", "replace")
            except (binascii.Error, ValueError, TypeError):
                value = str(encoded)  # the expression fails, and this is not to be in its message
            if is_credential and key in _PLAIN:
                self.learn(_password(value))
            else:
                self.learn(value)
            yield

    def learn_result(self, value: Any) -> None:
        """Take what was made of secret values; what is shorter than four characters says too little."""
        self.learn(*(text for text in _texts(value) if len(text) >= SHORTEST))

    def holds(self, value: Any) -> bool:
        """Whether a JSON value has a secret in it; of one that is asked for again the answer is known."""
        if not self._masker or not value:
            return False
        known = len(self._masker)
        found = self._held.get(id(value))
        if found is not None and found[0] is value and found[1] == known:
            return found[2]
        answer = self._masker.holds(value)
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[id(value)] = (value, known, answer)
        return answer

    def said(self, text: str) -> str:
        """Return a message as it may be shown: masked, plain, and not longer than anybody reads."""
        # What is no secret may become one when what hides in it is taken out.
        shown = self._masker.mask(messages.plain(self._masker.mask(text)))
        return messages.cut(shown, messages.MESSAGE_BYTES)

    def masked(self, value: Any) -> Any:
        """Return a JSON value as it may be shown."""
        return self._masker.masked(value)

    def shown(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return outputs of steps, by alias, as they may be shown."""
        known, shown = len(self._masker), {}
        for alias, output in outputs.items():
            found = self._shown.get(alias)
            if found is None or found[0] is not output or found[1] != known:
                found = self._shown[alias] = (output, known, self._masker.masked(output))
            shown[alias] = found[2]
        return shown


def _pieces(value: str) -> Iterator[str]:
    """Yield what a message may name alone that takes a value for a path, an address or a key and says what is wrong.

    Ordinary words and what is short are none: they would tear holes into every text.
    """
    if "\n" in value:
        return
    found = _SEPARATORS.split(value)
    if len(found) > 1:
        yield from (
            piece
            for piece in found
            if len(piece) >= _SHORTEST_PIECE and not (piece.isalpha() and piece.islower())
        )


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts that a value of the expression language consists of."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case bytes():
            yield value.decode("utf-8", "replace")
        case int() | float():
            yield str(value)
            yield gotext.text_of(float(value))
        case list() | tuple():
            yield from _of_all(value)
        case dict():
            yield from _of_all(value.values())
        case _:
            try:
                yield from _texts(json.loads(gotext.json_text(value)))
            except (Failure, ValueError, RecursionError, OverflowError):
                return


def _of_all(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)
