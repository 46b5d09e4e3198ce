"""What an expression looks at and is not there, with what there is: for the one who wonders why it gave nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from towpath.expressions.names_read import Path

_ROOTS: Final = ("outputs", "vars", "task", "stepMetas", "ctx")


def absent(paths: Iterable[Path], env: Mapping[str, Any]) -> list[str]:
    """Return what of these paths an environment does not have, each with what is there instead."""
    found = [_absent(path, env) for path in sorted(paths) if path and path[0] in _ROOTS]
    return list(dict.fromkeys(said for said in found if said))


def _absent(path: Path, env: Mapping[str, Any]) -> str:
    here: Any = env
    for depth, key in enumerate(path):
        if not isinstance(here, dict):
            return ""
        if key not in here:
            where = ".".join(path[:depth])
            named = f"{where}.{key}" if where else key
            there = [str(each) for each in here]
            return f"there is no {named}; {messages.instead(key, there)}"
        here = here[key]
    return ""
