"""Writes KYAML, the dialect of YAML in which nothing depends on indentation or on how a text looks: `-o kyaml`.

Braces and brackets, every text in double quotes, keys bare where they cannot be taken for anything else. Source:
Kubernetes KEP-5295.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_TAKEN: Final = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
"""Words that some reader of YAML takes for something else, in any case."""


def dumped(value: Any) -> str:
    """Return a document."""
    return f"---\n{_text(value, 0)}\n"


def _text(value: Any, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    match value:
        case dict() if value:
            pairs = (
                f"{inner}{_key(key)}: {_text(each, depth + 1)},\n" for key, each in value.items()
            )
            return "{\n" + "".join(pairs) + outer + "}"
        case list() if value and all(isinstance(each, dict | list) and each for each in value):
            return "[" + ", ".join(_text(each, depth) for each in value) + "]"
        case list() if value:
            items = (f"{inner}{_text(each, depth + 1)},\n" for each in value)
            return "[\n" + "".join(items) + outer + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _key(key: Any) -> str:
    text = str(key)
    is_bare = _BARE.fullmatch(text) is not None and text.lower() not in _TAKEN
    return text if is_bare else json.dumps(text, ensure_ascii=False)
