"""Texts that are not what they were once an expression has passed them on: `1.10` of a variable becomes the number 1.1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from towpath import expressions, messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.expressions import Template

_VARIABLE: Final = re.compile(
    r"""vars(?:\.(\w+)|\[\s*(?:'([^'\\]+)'|"([^"\\]+)")\s*\])""", re.ASCII
)
_SHOWN: Final = 40


def retyped(template: Template, texts: Mapping[str, str]) -> str:
    """Return what becomes of a variable that a template passes on alone, where that is not what is written; else nothing.

    `texts`: the values of variables that hold no expression, by name. What is written the same again, as `3` and `true`
    are, says nothing: only who meant `1.10` is surprised.
    """
    if not texts or len(template.parts) != 1:
        return ""
    found = _VARIABLE.fullmatch(template.parts[0].text.strip())
    name = next((each for each in found.groups() if each), "") if found is not None else ""
    text = texts.get(name, "")
    other = expressions.becomes(text)
    if not other:
        return ""
    return (
        f"vars.{name} is {messages.cut(text, _SHOWN)!r}, which becomes {other} here; "
        f"${{{{ quote(vars.{name}) }}}} keeps it a text"
    )
