"""Options that several commands have: the server, the Project, the form of what is printed, spans of time."""

from __future__ import annotations

import functools
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from towpath.cli.environment import default_project, environment
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

    Command = TypeVar("Command", bound=Callable[..., Any])

FILE: Final = click.Path(path_type=Path, dir_okay=False)
FOLDER: Final = click.Path(path_type=Path, file_okay=False)
_LARGEST_TOKEN: Final = 64 << 10
INTERRUPTED: Final = 130
"""Exit code of what Ctrl-C has ended, as shells have it."""
_REMEDY: Final = (
    "set TOWPATH_TOKEN, or name its file with --token-file: the server's data directory has it in the file "
    "admin-token"
)


def duration(text: str) -> float:
    """Return the seconds of a span of time such as `90s` or `1h30m`. Raises BadParameter for any other text."""
    span = durations.span(text)
    if span is None or span < timedelta():
        raise click.BadParameter(f"{text!r} must be a duration such as 90s or 1h30m")
    return span.total_seconds()


def with_address(command: Command) -> Command:
    """Give a command --server and --token-file."""
    token_file = click.option(
        "--token-file",
        type=FILE,
        help="File with the token for it; TOWPATH_TOKEN if not given.",
    )
    server = click.option(
        "--server", metavar="URL", help="Address of the server; TOWPATH_SERVER if not given."
    )
    return server(token_file(command))


def with_server(command: Command) -> Command:
    """Give a command --server and --token-file; it gets `connect`, which returns the client."""

    @with_address
    @functools.wraps(command)
    def wrapped(*args: Any, server: str | None, token_file: Path | None, **rest: Any) -> Any:
        return command(*args, connect=lambda: connect(server, token_file), **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def connect(server: str | None, token_file: Path | None) -> Client:
    """Return a client of the server that options or the environment name.

    Raises BadRequest, with the remedy, if they do not say which one or lack the token.
    """
    from towpath.sdk.client import Client

    settings = environment()
    address = server or settings.server
    if address is None:
        raise BadRequest(
            "no server is named: set TOWPATH_SERVER (such as http://127.0.0.1:8080), or give --server; "
            "`towpath up` runs one"
        )
    return Client(address, _token(token_file, settings.token))


def _token(file: Path | None, token: str | None) -> str:
    if file is None:
        if token is None:
            raise BadRequest(f"there is no token for the server: {_REMEDY}")
        return token
    try:
        found = reading.read(file, _LARGEST_TOKEN).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadRequest(f"--token-file {file}: cannot be read: {why}; {_REMEDY}") from error
    if not found:
        raise BadRequest(f"--token-file {file}: it is empty; {_REMEDY}")
    return found


def with_project(command: Command) -> Command:
    """Give a command --project; it gets `project`, None if neither it nor TOWPATH_PROJECT names one."""

    @click.option(
        "--project", "-p", metavar="NAME", help="The Project; TOWPATH_PROJECT if not given."
    )
    @functools.wraps(command)
    def wrapped(*args: Any, project: str | None, **rest: Any) -> Any:
        return command(*args, project=project or default_project(), **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def needed(project: str | None) -> str:
    """Return the Project. Raises BadRequest, with the remedy, if none is named."""
    if project is None:
        raise BadRequest("no Project is named: give --project NAME, or set TOWPATH_PROJECT")
    return project


def output(*formats: str, default: str) -> Callable[[Command], Command]:
    """Return what gives a command -o; it gets `form`."""
    return click.option(
        "--output",
        "-o",
        "form",
        type=click.Choice(formats),
        default=default,
        show_default=True,
        help="How it is printed.",
    )


def with_table(command: Command) -> Command:
    """Give a command --no-headers and --no-trunc; it gets `look`."""

    @click.option("--no-headers", is_flag=True, help="A table without its first line.")
    @click.option(
        "--no-trunc", is_flag=True, help="Cells are not cut to the width of the terminal."
    )
    @functools.wraps(command)
    def wrapped(*args: Any, no_headers: bool, no_trunc: bool, **rest: Any) -> Any:
        from towpath.cli.printing import Look

        return command(*args, look=Look(headers=not no_headers, cut=not no_trunc), **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def with_files(command: Command) -> Command:
    """Give a command -f and -R; it gets `filename` and `recursive`."""
    named = click.option(
        "--filename",
        "-f",
        multiple=True,
        metavar="FILE",
        help="File, directory, or - for standard input; may be given several times.",
    )
    deep = click.option(
        "--recursive", "-R", is_flag=True, help="Directories in directories as well."
    )
    return named(deep(command))


def with_timeout(command: Command) -> Command:
    """Give a command --wait and --timeout; it gets `wait` and `timeout`, seconds or None."""
    waiting = click.option("--wait", is_flag=True, help="Wait for the end.")
    limit = click.option(
        "--timeout",
        type=duration,
        metavar="DURATION",
        help="How long to wait, such as 90s or 1h30m; as long as it takes if not given.",
    )
    return waiting(limit(command))


def some(timeout: float | None, *, wait: bool) -> float:
    """Return the seconds to wait. Raises BadRequest for a --timeout without --wait."""
    if timeout is not None and not wait:
        raise BadRequest("--timeout says how long to --wait; give both, or neither")
    return float("inf") if timeout is None else timeout
