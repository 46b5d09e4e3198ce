"""What people look for objects by, as one derived index: names, aliases, tags, versions, digests, commits, issues, actors.

Terms are in lower case, and are found by how they begin. Of what is long the beginning is kept: whoever searches by more of it
looks at the object.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath.resources.annotations import CREATE_ACTOR
from towpath.resources.document import at, documents
from towpath.resources.kinds import Terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORM: Final = 1
"""Raised when anything else becomes of a document than before: what is kept is then made anew."""
LONGEST: Final = 40
"""Characters of a term; a query is cut likewise."""
_MOST: Final = 60
"""Terms of one object."""
_ISSUE: Final = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-[0-9]{1,7}\b")
_NUMBER: Final = re.compile("-[0-9]")
"""What every issue has, and most messages do not: it is found, or not, a great deal faster."""
_MESSAGE: Final = 2000
"""Characters of a commit's message that are looked through for issues."""


def term(text: str) -> str:
    """Return a text as terms are kept and looked for."""
    return text.strip().lower()[:LONGEST]


def of_name(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the name of an object, and each part of it that follows a separator: `web-prod-eu` is found by `prod` as well."""
    name = at(document, "metadata", "name")
    return _terms(_parts(name) if isinstance(name, str) else ())


def of_freight(document: Mapping[str, Any]) -> Iterable[str]:
    """Return what Freight is found by, whatever else may be wrong with it."""
    return _terms(_of_freight(document))


def of_promotion(document: Mapping[str, Any]) -> Iterable[str]:
    """Return who asked for a Promotion, with and without how they are known: `email:eva@example.com`, `eva@example.com`."""
    actor = at(document, "metadata", "annotations", CREATE_ACTOR)
    if not isinstance(actor, str):
        return ()
    return _terms((actor, actor.partition(":")[2]))


def _of_freight(document: Mapping[str, Any]) -> Iterator[Any]:
    yield document.get("alias")
    yield at(document, "metadata", "name")
    for each in documents(document, "images"):
        yield each.get("tag")
        yield _digest(each.get("digest"))
    for each in documents(document, "charts"):
        yield each.get("version")
    for each in documents(document, "artifacts"):
        yield each.get("version")
    for each in documents(document, "commits"):
        yield each.get("id")
        yield each.get("tag")
        message = each.get("message")
        if isinstance(message, str) and _NUMBER.search(message, 0, _MESSAGE):
            yield from _ISSUE.findall(message, 0, _MESSAGE)


def _digest(value: object) -> object:
    return value.partition(":")[2] or value if isinstance(value, str) else value


def _parts(name: str) -> Iterator[str]:
    yield name
    for place, character in enumerate(name):
        if character in "-._":
            yield name[place + 1 :]


def _terms(texts: Iterable[Any]) -> set[str]:
    found = set[str]()
    for each in texts:
        if isinstance(each, str) and (kept := term(each)):
            found.add(kept)
            if len(found) == _MOST:
                break
    return found


OF_NAMES: Final = Terms(of_name, ())
OF_FREIGHT: Final = Terms(
    of_freight, (("alias",), ("images",), ("charts",), ("artifacts",), ("commits",))
)
OF_PROMOTIONS: Final = Terms(of_promotion, (("metadata", "annotations"),))
