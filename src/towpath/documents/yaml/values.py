"""What a YAML text says, for expressions: keys are texts as they are written, plain scalars mean what YAML 1.2 says.

`yes`, `on` and dates are texts, tags of an application's own mean nothing.
"""

from __future__ import annotations

import math
from typing import Any, Final

from towpath.errors import BadRequest
from towpath.resources import scalars
from towpath.resources.manifests.bounds import ManifestBudget
from towpath.resources.manifests.yaml_documents import Composer

_TAG: Final = "tag:yaml.org,2002:"
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_NOT_FINITE: Final = {"inf": math.inf, "nan": math.nan}


class _Values(Composer):
    """Builds values from a parser's events."""

    def value(self, event: Any) -> Any:
        """Return what a scalar means."""
        tag = (event.tag or "").removeprefix(_TAG)
        if self.awaits_key() or tag in ("str", "timestamp"):
            return event.value
        if not event.tag and event.implicit[0]:
            return _plain(event.value)
        return super().value(event) if (event.tag or "").startswith(_TAG) else event.value

    def take_tag(self, event: Any) -> None:
        """Take any tag."""


class _Texts(_Values):
    """Builds values whose scalars are texts as they are written, but for null."""

    def value(self, event: Any) -> Any:
        """Return the text of a scalar."""
        is_null = not event.tag and event.implicit[0] and event.value in _NULLS
        return None if is_null and not self.awaits_key() else event.value


def texts(text: str, source: str) -> Any:
    """Return what the first document of a text says, every scalar as its text; None if there is no document.

    Raises as `first`.
    """
    return next((found for found, _ in _Texts(text, source, ManifestBudget()).documents()), None)


def first(text: str, source: str) -> Any:
    """Return what the first document of a text says.

    Raises BadRequest for what is no YAML, for a key that is there twice and for a text without a document, TooLarge for
    what is too deep or too much.
    """
    for found, _ in _Values(text, source, ManifestBudget()).documents():
        return found
    raise BadRequest(f"{source}: there is nothing in it")


def _plain(text: str) -> Any:
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[:5].lower().lstrip("+-") in (".inf", ".nan"):
        value = _NOT_FINITE[text[-3:].lower()]
        return -value if text.startswith("-") else value
    found = scalars.resolve(text)
    return text if isinstance(found, bool) else found
