"""The command line: help with examples, one line for an error, documented codes, a page that is complete."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from towpath.cli import main

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cli.md"
COMMANDS = {
    name: importlib.import_module(module).command for name, (module, _) in main.COMMANDS.items()
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--help` ends with 0 and shows how the command is called."""
    assert main.run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"Examples?:\n", shown)
    assert f"towpath {name}" in shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_page_lists_every_command_and_option(name: str) -> None:
    """docs/reference/cli.md has a section for each command, with its options."""
    sections = dict(
        re.findall(
            r"^## `towpath ([a-z-]+)[^`]*`\n(.*?)(?=^## |\Z)",
            PAGE.read_text(),
            re.MULTILINE | re.DOTALL,
        )
    )
    assert name in sections
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert f"`{parameter.opts[0]}`" in sections[name]


def test_the_page_lists_no_command_that_is_not_there() -> None:
    """A command that was removed goes from the page."""
    assert set(re.findall(r"^## `towpath ([a-z-]+)", PAGE.read_text(), re.MULTILINE)) == set(
        COMMANDS
    )


def test_help_says_the_same_of_a_command_as_the_command() -> None:
    """The short help in the list is the first line of the long one, or close to it."""
    for name, (_, short) in main.COMMANDS.items():
        assert short.endswith(".")
        assert COMMANDS[name].name == name
        assert COMMANDS[name].help


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["up"], ["up", "--nope"], ["restore"], ["up", "--data", "x", "--listen", "y"]],
)
def test_mistakes_in_usage_end_with_1(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And say what was wrong on standard error."""
    assert main.run(arguments) == 1
    told = capsys.readouterr()
    assert told.err.strip()
    assert not told.out


def test_help_imports_no_command() -> None:
    """The list of commands comes up without their libraries."""
    code = (
        "import sys; from towpath.cli import main; main.run(['--help']); "
        "sys.exit(', '.join(m for m in ('apsw', 'msgspec', 'starlette', 'uvicorn', 'yaml') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_backup_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Neither a server nor a directory is an error that names both ways."""
    monkeypatch.delenv("TOWPATH_SERVER", raising=False)
    monkeypatch.delenv("TOWPATH_TOKEN", raising=False)
    assert main.run(["backup", str(tmp_path / "b.db")]) == 1
    assert "TOWPATH_SERVER" in capsys.readouterr().err
    monkeypatch.setenv("TOWPATH_SERVER", "http://127.0.0.1:1")
    assert main.run(["backup", str(tmp_path / "b.db")]) == 1
    assert "TOWPATH_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("TOWPATH_TOKEN", "x")
    monkeypatch.setenv("TOWPATH_SERVER", "ftp://x")
    assert main.run(["backup", str(tmp_path / "b.db")]) == 1
    assert "must be an address" in capsys.readouterr().err
