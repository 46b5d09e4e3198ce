"""The command line: help with examples, one line for an error, documented codes, a page that is complete."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from tests.support import towpath_process
from towpath.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cli.md"
NAMES = sorted(main.COMMANDS)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_with_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--help` ends with 0 and shows how the command is called."""
    assert main.run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"Examples?:\n", shown)
    assert f"towpath {name}" in shown


@pytest.mark.parametrize("name", NAMES)
def test_the_page_lists_every_command_and_option(name: str) -> None:
    """docs/reference/cli.md has a section for each command, with its options but for those of many commands."""
    sections, common = _sections(), _common()
    assert name in sections
    for command in _all(main.load(name)):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                option = f"`{parameter.opts[0]}`"
                assert option in sections[name] or option in common, option


@pytest.mark.parametrize("name", NAMES)
def test_the_page_lists_no_option_that_is_not_there(name: str) -> None:
    """An option that was removed goes from the page."""
    options = {
        option
        for command in _all(main.load(name))
        for parameter in command.params
        for option in parameter.opts
    }
    listed = re.findall(r"^\| `(-[-\w]+)`", _sections()[name], re.MULTILINE)
    assert set(listed) <= options


def _all(command: click.Command) -> list[click.Command]:
    """Return a command and those below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *(found for one in below for found in _all(one))]


def _sections() -> dict[str, str]:
    return dict(
        re.findall(
            r"^## `towpath ([a-z-]+)[^`]*`\n(.*?)(?=^## |\Z)",
            PAGE.read_text(),
            re.MULTILINE | re.DOTALL,
        )
    )


def _common() -> str:
    """Return the section of options that many commands have."""
    return PAGE.read_text().partition("## Options of many commands\n")[2].partition("\n## ")[0]


def test_the_page_lists_no_command_that_is_not_there() -> None:
    """A command that was removed goes from the page."""
    assert set(re.findall(r"^## `towpath ([a-z-]+)", PAGE.read_text(), re.MULTILINE)) == set(NAMES)


def test_help_says_the_same_of_a_command_as_the_command() -> None:
    """The short help in the list is the first line of the long one, or close to it."""
    for name, (_, short) in main.COMMANDS.items():
        assert short.endswith(".")
        assert main.load(name).name == name
        assert main.load(name).help


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


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["promote", "prod"], "towpath promote --stage prod"),
        (["apply", "pipeline.yaml"], "towpath apply -f pipeline.yaml"),
    ],
)
def test_a_word_without_its_option(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option is named."""
    assert main.run(arguments) == 1
    assert f"Did you mean '{meant}'?" in capsys.readouterr().err


def test_a_word_too_many_has_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the command takes its one word already."""
    assert main.run(["why", "prod", "test"]) == 1
    assert "Did you mean" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "code", "printed", "said"),
    [
        ("get stages >&-", 0, "", ""),
        ("get stages 2>&-", 0, "prod", ""),
        ("get stages <&-", 0, "prod", ""),
        ("apply -f - <&-", 1, "", "there is no document in it"),
    ],
)
def test_closed_streams_are_no_traceback(
    typed: str, code: int, printed: str, said: str, api: Api
) -> None:
    """What would be printed goes nowhere; what would be read is empty."""
    api.answer("GET", "/v1beta1/projects/shop/stages", {"items": [{"metadata": {"name": "prod"}}]})
    done = subprocess.run(
        ["bash", "-c", f'"$@" {typed}', "bash", *map(str, towpath_process.COMMAND)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert bool(done.stdout) is bool(printed)
    assert printed in done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1 + 2", "3"), ("v${{ 1 + 2 }}", '"v3"'), ("${{ quote(5) }}", '"5"'), ("${{ 5 }}", "5.0")],
)
def test_eval_takes_templates_as_well(
    typed: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they stand in a manifest."""
    assert main.run(["eval", typed]) == 0
    assert capsys.readouterr().out == f"{value}\n"


def test_help_imports_no_command() -> None:
    """The list of commands comes up without their libraries."""
    code = (
        "import sys; from towpath.cli import main; main.run(['--help']); "
        "sys.exit(', '.join(m for m in ('apsw', 'msgspec', 'starlette', 'uvicorn', 'yaml') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_asked_for_most_imports_little(api: Api) -> None:
    """`get stages` comes up without the libraries of the server, of files that are written, and of signing in."""
    api.answer("GET", "/v1beta1/projects/shop/stages", {"items": [{"metadata": {"name": "prod"}}]})
    code = (
        "import sys; from towpath.cli import main; code = main.run(['get', 'stages']); "
        "heavy = ('apsw', 'msgspec', 'starlette', 'uvicorn', 'yaml', 'asyncio', 'urllib.request', 'towpath.disk.writing', "
        "'towpath.sdk.oidc', 'towpath.sdk.kept', 'towpath.cli.forms.gotemplate', 'towpath.documents.jsonpath'); "
        "sys.exit(', '.join(m for m in heavy if m in sys.modules) or code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "prod" in done.stdout


def test_what_goes_wrong_in_a_pipe_is_no_traceback() -> None:
    """Letters that the terminal has not are shown as escapes; a reader that leaves is left alone."""
    environment = {**os.environ, "PYTHONIOENCODING": "iso-8859-1"}
    code = "from towpath.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "get", "日"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert b"\\u65e5" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_that_leaves_is_left_alone(api: Api) -> None:
    """`| head -1`: no traceback, nothing on standard error, however much there was to print."""
    items = [{"metadata": {"name": f"stage-{number:06d}"}} for number in range(20_000)]
    api.answer("GET", "/v1beta1/projects/shop/stages", {"items": items})
    with subprocess.Popen(
        [*towpath_process.COMMAND, "get", "stages"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("NAME")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 1


def test_what_the_machine_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk, a folder that may not be read, Ctrl-C outside of any waiting."""
    for raised, code, said in (
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 1, "/x: No space left on device"),
        (OSError(errno.EIO, "Input/output error"), 1, "Input/output error"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ):

        def fails(*_: object, raised: BaseException = raised, **__: object) -> None:
            raise raised

        monkeypatch.setattr(main.towpath, "main", fails)
        assert main.run(["version"]) == code
        assert capsys.readouterr().err == f"towpath: {said}\n"


def test_why_a_server_does_not_answer(api: Api, call: Callable[..., Told]) -> None:
    """The cause in a line, and what to write instead."""
    address = api.address.partition("://")[2]
    for server, said in (
        ("http://127.0.0.1:1", "Connection refused; is the server running"),
        (f"https://{address}", f"name it as http://{address}"),
        (address, f"write http://{address} or https://{address}"),
        ("ftp://x", "it must be an address such as"),
    ):
        told = call("get", "stages", "--server", server)
        assert told.code == 1
        assert said in told.err
        assert "Traceback" not in told.err
        assert len(told.err.splitlines()) == 1


def test_every_command_below_a_command_has_an_example() -> None:
    """`create credentials`, `creds explain`, `demo push`."""
    for name in NAMES:
        for command in _all(main.load(name)):
            assert "Examples:" in (command.help or "") or "Example:" in (command.help or "")


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
