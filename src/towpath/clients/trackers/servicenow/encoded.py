"""Encoded queries: `a=1^b!=2^ORc=3^NQd=4`. Pure.

A term that ServiceNow cannot read is left out by it, unless the instance is told otherwise; then a query matches more than it
says, up to everything. So what a query names is looked for in what it finds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from towpath import errors, messages

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 4_000
"""Characters: a query travels in a URL."""
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
_OR: Final = re.compile(r"^(OR|NQ)(?=[a-z])", re.ASCII)
_SORTING: Final = ("ORDERBY", "ORDERBYDESC", "GROUPBY", "EQ")
_NEW_QUERY: Final = "^NQ"


def of(terms: Mapping[str, Any]) -> str:
    """Return the query that all of some fields have some values.

    Raises BadRequest for none, for what is no name of a field, and for a value that would become a term of its own.
    """
    if not terms:
        raise errors.BadRequest("the query names no field: it would match every record")
    said = []
    for name, value in terms.items():
        if not _FIELD.fullmatch(name):
            shown = messages.cut(messages.plain(name), 100)
            raise errors.BadRequest(
                f"{shown!r} in the query is no name of a field; one is such as short_description"
            )
        text = text_of(value, name)
        if "^" in text:
            raise errors.BadRequest(
                f"the value of {name} in the query holds ^, which begins another term"
            )
        said.append(f"{name}={text}")
    return _bounded("^".join(said))


def about(sys_id: str, condition: str) -> str:
    """Return the query whether a record fulfils a condition, each alternative of it about that record alone.

    Raises BadRequest for a condition that names no field.
    """
    alternatives = [each.strip("^") for each in condition.strip().split(_NEW_QUERY)]
    if not all(map(_is_condition, alternatives)):
        raise errors.BadRequest(
            f"{messages.cut(messages.plain(condition), 200)!r} is no condition; one is such as state=-2 or "
            "state=-2^approval=approved"
        )
    return _bounded(_NEW_QUERY.join(f"sys_id={sys_id}^{each}" for each in alternatives))


def fields(query: str) -> list[str]:
    """Return the fields that a query names, each once."""
    found: dict[str, None] = {}
    for term in query.split("^"):
        bare = _OR.sub("", term)
        if bare.startswith(_SORTING):
            continue
        named = _FIELD.match(bare)
        if named is not None:
            found[named[0]] = None
    return list(found)


def _is_condition(alternative: str) -> bool:
    """Whether each term names a field, or sorts. One that began with OR would be an alternative to the record itself."""
    terms = [each for each in alternative.split("^") if each]
    return bool(fields(alternative)) and all(
        each.startswith(_SORTING) or _FIELD.match(_OR.sub("", each) if place else each)
        for place, each in enumerate(terms)
    )


def text_of(value: Any, name: str) -> str:
    """Return a value as ServiceNow has it, where all are texts. Raises BadRequest for a list or object."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return messages.plain(value)
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case None:
            return ""
    raise errors.BadRequest(f"the value of {name} is a list or an object; ServiceNow keeps texts")


def value_of(field: Any) -> str:
    """Return what a field of a record holds: a text, or the value of a reference."""
    if isinstance(field, dict):
        return str(field.get("value", field.get("display_value")) or "")
    return "" if field is None else str(field)


def shown_of(field: Any) -> str:
    """Return what a field of a record holds as people see it, where the record has that."""
    return str(field.get("display_value") or "") if isinstance(field, dict) else ""


def _bounded(query: str) -> str:
    if len(query) > LONGEST:
        raise errors.BadRequest(
            f"the query has {len(query):,} characters; at most {LONGEST:,} are sent"
        )
    return query
