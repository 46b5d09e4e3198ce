"""Commands that pages, messages and the web UI tell people to type: each is there, with the options that it is named with."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from towpath.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    each
    for each in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    if each.parent.name != "contributing"  # where commands are added that are not there
)
SOURCES = sorted((ROOT / "src").rglob("*.py"))
SCREENS = sorted(each for each in (ROOT / "ui" / "src").rglob("*.ts*") if ".test." not in each.name)
_BLOCK = re.compile(r"^ *```(?:sh|bash|console|)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`(towpath\s+[^`]+)`")
_AT_A_PROMPT = re.compile(
    r"(?:^ *(?:\$ )?|[|;(]\s*|&& |do )(?:\S*/)?(towpath +[^|;&()<>#\n]+)", re.MULTILINE
)
_IN_WORDS = re.compile(r"(?<![\w./-])(towpath [a-z][^`\"'|;&()<>\n]*)")


def _of_page(text: str) -> Iterator[str]:
    """Yield the commands of code spans and blocks."""
    for block in _BLOCK.findall(text):
        yield from _AT_A_PROMPT.findall(block.replace("\\\n", " "))
    yield from _SPAN.findall(_BLOCK.sub("", text))


def _of_source(text: str) -> Iterator[str]:
    """Yield the commands that texts of a module name; what is put in is `X`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _known(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (each.value if isinstance(each, ast.Constant) else "X" for each in node.values)
            yield from _known("".join(map(str, parts)))


def _known(text: str) -> Iterator[str]:
    """Yield what begins as a command does that is there: in words `towpath` may be followed by any other."""
    for found in _IN_WORDS.findall(text):
        if found.split()[1] in main.COMMANDS:
            yield found


def _wrong(command: str) -> str:
    """Return what a command has that ours have not; empty if nothing."""
    words = [each.rstrip(".,:;") for each in command.split()[1:]]
    while words and words[0] in ("-q", "--quiet", "--kargo-exit-codes"):
        del words[0]
    if not words or words[0] in ("COMMAND", "--help", "help"):
        return ""
    if words[0] not in main.COMMANDS:
        return f"there is no command {words[0]}"
    options = {"-h", "--help"} | _options(main.load(words[0]))
    given = (each.partition("=")[0] for each in words[1:] if re.match(r"--?[a-zA-Z]", each))
    return ", ".join(each for each in given if each not in options)


def _options(command: click.Command) -> set[str]:
    """Return the options of a command and of those below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    own = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    return own.union(*map(_options, below))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_what_there_is(page: Path) -> None:
    """Also where a line ends within a command."""
    told = {" ".join(each.split()) for each in _of_page(page.read_text("utf-8"))}
    assert {each: wrong for each in told if (wrong := _wrong(each))} == {}


def test_messages_name_what_there_is() -> None:
    """Remedies, hints, and the examples of the help."""
    told = {(path.name, each) for path in SOURCES for each in _of_source(path.read_text("utf-8"))}
    assert len(told) > 200
    assert {each: wrong for _, each in told if (wrong := _wrong(each))} == {}


def test_screens_name_what_there_is() -> None:
    """What is put in stands between `${` and `}`."""
    texts = (re.sub(r"\$\{[^}]*\}", "X", path.read_text("utf-8")) for path in SCREENS)
    told = {each for text in texts for each in _known(text)}
    assert told
    assert {each: wrong for each in told if (wrong := _wrong(each))} == {}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("towpath get stages -p shop -o=json", ""),
        ("towpath get stages --color", "--color"),
        ("towpath fetch", "there is no command fetch"),
        ("towpath --quiet tokens create NAME", ""),
        ("towpath create credentials git --repo-url X.", ""),
    ],
)
def test_what_is_wrong_is_found(command: str, said: str) -> None:
    """And only that."""
    assert _wrong(command) == said
