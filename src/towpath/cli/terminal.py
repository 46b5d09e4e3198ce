"""Text for a terminal: what came from elsewhere can neither move the cursor nor reorder what is read."""

from __future__ import annotations

import re
import shutil
import sys
from typing import Any, Final

import click

_DANGEROUS: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, tab and line feed apart
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of writing
    "\u2028\u2029\ufeff\ud800-\udfff"  # line ends of another kind, marks, halves of characters
)
_OF_LINES: Final = re.compile(f"[{_DANGEROUS}]")
_OF_A_LINE: Final = re.compile(f"[{_DANGEROUS}\t\n]")
_SHORT: Final = {"\t": " ", "\n": "\\n", "\r": "\\r"}


def visible(text: str) -> str:
    r"""Return text as one line, with an escape such as `\x1b` for each character that is not to be sent."""
    return _OF_A_LINE.sub(_escape, text)


def plain(value: Any) -> str:
    """Return a value of an answer as `visible` has it; empty where there is none."""
    return "" if value is None else visible(str(value))


def visible_lines(text: str) -> list[str]:
    """Return the lines of a text, each as `visible` has it but with its tabs; carriage returns end one too."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return [_OF_LINES.sub(_escape, line) for line in unified.split("\n")]


def is_dangerous(text: str) -> bool:
    """Whether a text holds what `escaped` would replace."""
    return _OF_LINES.search(text) is not None


def escaped(text: str) -> str:
    r"""Return text whose dangerous characters are written as JSON and YAML write them in quotes: `\u001b`."""
    return _OF_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def harmless(text: str) -> str:
    r"""Return text as it is; on a terminal with an escape such as `\x1b` for each character that is not to be sent."""
    return _OF_LINES.sub(_escape, text) if sys.stdout.isatty() else text


def say(text: str = "", *, err: bool = False) -> None:
    """Print lines that may hold anything."""
    for line in visible_lines(text):
        click.echo(line, err=err)


def tell(text: str) -> None:
    """Print that something was done, unless the person wants to hear of nothing but errors (--quiet)."""
    if not is_quiet():
        say(text)


def is_quiet() -> bool:
    """Whether --quiet was given."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.find_root().params.get("quiet"))


def width() -> int | None:
    """Return how many characters a line of standard output has; None if it is not a terminal, where lines have no end."""
    if not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
