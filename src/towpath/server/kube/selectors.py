"""Label and field selectors as they stand in queries (Kubernetes, "Labels and Selectors", "Field Selectors")."""

from __future__ import annotations

import re
from typing import Final

from towpath.errors import BadRequest
from towpath.resources.meta import MOST_SELECTOR_TERMS
from towpath.resources.validation import names
from towpath.store.contract import FieldTerm, Requirement

_LONGEST: Final = 16 << 10
_SET: Final = re.compile(r"([^\s=!,()]+)\s+(in|notin)\s*\(([^()]*)\)")
_EQUALITY: Final = re.compile(r"([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)")
_NUMERIC: Final = re.compile(r"([^\s=!,()<>]+)\s*([<>])\s*(\S+)")
_KEY: Final = re.compile(r"(!?)\s*([^\s=!,()<>]+)")
_OPERATOR: Final = re.compile(r"\\.|==|!=|=", re.DOTALL)


def labels(text: str) -> tuple[Requirement, ...]:
    """Return the terms of a label selector: `a=b,c!=d,e in (f,g),h,!i`. Raises BadRequest naming the term."""
    _bounded("labelSelector", text)
    if not text.strip():
        return ()
    terms = _counted("labelSelector", _split(text, nested=True))
    return tuple(_requirement(term.strip()) for term in terms)


def fields(text: str) -> tuple[FieldTerm, ...]:
    r"""Return the terms of a field selector: `metadata.name=x,type!=Normal`; `\,` and `\=` stand for themselves.

    Raises BadRequest naming the term.
    """
    _bounded("fieldSelector", text)
    terms = _counted("fieldSelector", _split(text, nested=False))
    return tuple(_term(term) for term in terms if term.strip())


def name_of(text: str) -> str:
    """Return the one name that a field selector selects, empty if it selects by anything else. Raises BadRequest."""
    names = [
        term.value for term in fields(text) if term.path == "metadata.name" and not term.negated
    ]
    return names[0] if len(names) == 1 else ""


def _term(term: str) -> FieldTerm:
    for match in _OPERATOR.finditer(term):
        if match[0].startswith("\\"):
            continue
        path, value = term[: match.start()].strip(), term[match.end() :]
        if path:
            return FieldTerm(path, _unescaped(value), negated=match[0] == "!=")
        break
    raise BadRequest(
        f"fieldSelector: {term!r}: it must read FIELD=VALUE or FIELD!=VALUE; terms are separated by commas"
    )


def _requirement(term: str) -> Requirement:
    if match := _SET.fullmatch(term):
        key, operator, listed = match.groups()
        values = frozenset(value.strip() for value in listed.split(","))
        return _checked(Requirement(key, "In" if operator == "in" else "NotIn", values), term)
    if match := _EQUALITY.fullmatch(term):
        key, operator, value = match.groups()
        return _checked(
            Requirement(key, "NotIn" if operator == "!=" else "In", frozenset((value,))), term
        )
    if _NUMERIC.fullmatch(term):
        raise BadRequest(
            f"labelSelector: {term!r}: < and > are not offered; name the values with `in (…)`"
        )
    if match := _KEY.fullmatch(term):
        negation, key = match.groups()
        return _checked(Requirement(key, "DoesNotExist" if negation else "Exists"), term)
    raise BadRequest(
        f"unable to parse requirement: labelSelector: {term!r} is none of KEY=VALUE, KEY!=VALUE, KEY in (A,B), "
        "KEY notin (A,B), KEY, !KEY"
    )


def _checked(requirement: Requirement, term: str) -> Requirement:
    wrong = names.wrong_with_qualified(requirement.key)
    for value in sorted(requirement.values):
        wrong += names.wrong_with_label_value(value)
    if wrong:
        raise BadRequest(f"unable to parse requirement: labelSelector: {term!r}: {wrong[0]}")
    return requirement


def _split(text: str, *, nested: bool) -> list[str]:
    """Return the parts between commas that no backslash stands before and, if `nested`, no parentheses are around."""
    parts, start, place, depth = [], 0, 0, 0
    while place < len(text):
        here = text[place]
        if here == "\\":
            place += 1
        elif nested and here in "()":
            depth += 1 if here == "(" else -1
        elif here == "," and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
        place += 1
    return [*parts, text[start:]]


def _unescaped(value: str) -> str:
    return re.sub(r"\\([\\,=])", r"\1", value)


def _counted(name: str, terms: list[str]) -> list[str]:
    if len(terms) > MOST_SELECTOR_TERMS:
        raise BadRequest(f"{name}: {len(terms)} terms; there may be {MOST_SELECTOR_TERMS}")
    return terms


def _bounded(name: str, text: str) -> None:
    if len(text) > _LONGEST:
        raise BadRequest(f"{name}: longer than {_LONGEST} characters")
