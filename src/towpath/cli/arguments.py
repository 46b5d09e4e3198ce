"""Arguments as people write them for kubectl and Kargo's command line, in the form that ours reads.

`-o=yaml` is `-o yaml`, `--wait=true` is `--wait`, `--wait=false` is nothing, and `help get` is `get --help`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHORT: Final = re.compile(r"(-[A-Za-z])=(.*)", re.DOTALL)
_TRUTH: Final = re.compile(r"(--[a-z][a-z-]*)=(true|t|1|false|f|0)", re.IGNORECASE)


def read(arguments: Sequence[str], load: Callable[[str], click.Command | None]) -> list[str]:
    """Return arguments; `load` returns a command by its name, and is asked only where that matters."""
    if arguments[:1] == ["help"]:
        return [*arguments[1:], "--help"]
    found: list[str] = []
    for place, argument in enumerate(arguments):
        if argument == "--":
            return [*found, *arguments[place:]]
        short, truth = _SHORT.fullmatch(argument), _TRUTH.fullmatch(argument)
        if short:
            found += short.groups()
        elif truth and truth[1] in _flags(arguments, load):
            found += [truth[1]] if truth[2].lower() in ("true", "t", "1") else []
        else:
            found.append(argument)
    return found


def _flags(arguments: Sequence[str], load: Callable[[str], click.Command | None]) -> set[str]:
    """Return the options without a value of the command that arguments name, and of those below it."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    command = load(words[0]) if words else None
    found = {"--quiet", "--kargo-exit-codes"}
    left = [command] if command is not None else []
    while left:
        each = left.pop()
        if isinstance(each, click.Group):
            left += each.commands.values()
        for parameter in each.params:
            if isinstance(parameter, click.Option) and parameter.is_flag:
                found.update(parameter.opts)
    return found
