"""The expression language: parse, check, evaluate; and templates of it.

    program = compile("imageFrom(vars.image).Tag", env_types)
    value = program.evaluate(env)          # or a Need: add what it asks for to `known` and call again

Pure and synchronous: no I/O, no clock, no event loop. `docs/reference/expressions.md` describes the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.expressions.coercion import becomes
from towpath.expressions.failure import ExpressionError
from towpath.expressions.need import MOST_ROUNDS, Need
from towpath.expressions.program import NOTHING, Library, Program, compiled
from towpath.expressions.static_types import Signature, Type
from towpath.expressions.template import Template
from towpath.expressions.template import template as _template
from towpath.expressions.values import Function, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EACH: Final = 100
"""What an expression weighs at least."""


def compile(  # noqa: A001 - the word of the field
    source: str, env_types: Mapping[str, Type | Signature] | None = None
) -> Program:
    """Return the program of an expression, from a cache.

    `env_types` says what is known of the environment: types of variables, signatures of functions. Names that
    are not in it may have any value. Raises ExpressionError for what cannot be read or cannot work.
    """
    return compiled(source, library(env_types))


def template(
    text: str, env_types: Mapping[str, Type | Signature] | Library | None = None
) -> Template:
    """Return the template of a text, from a cache. Raises ExpressionError as `compile` does."""
    return _template(text, library(env_types))


def weight(sources: Iterable[str]) -> int:
    """Return how much work it is to read expressions and texts with some: as much as to read so many bytes of YAML."""
    return sum(_EACH + 2 * len(source) for source in sources)


def library(env_types: Mapping[str, Type | Signature] | Library | None) -> Library:
    """Return environment types in the form that programs are kept by: made once by who asks with the same again and again."""
    if isinstance(env_types, Library):
        return env_types
    if not env_types:
        return NOTHING
    signatures = {name: found for name, found in env_types.items() if isinstance(found, Signature)}
    types = {name: found for name, found in env_types.items() if isinstance(found, Type)}
    return Library(signatures, types)


__all__ = [
    "MOST_ROUNDS",
    "ExpressionError",
    "Function",
    "Library",
    "Need",
    "Program",
    "Signature",
    "Template",
    "Type",
    "Unknown",
    "becomes",
    "compile",
    "library",
    "template",
    "weight",
]
