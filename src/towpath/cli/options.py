"""Options that several commands have: the server, the Project, the form of what is printed, spans of time."""

from __future__ import annotations

import functools
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from towpath.cli.contexts.wanted_server import WantedServer
from towpath.errors import BadRequest
from towpath.resources import durations

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

    Command = TypeVar("Command", bound=Callable[..., Any])

FILE: Final = click.Path(path_type=Path, dir_okay=False)
FOLDER: Final = click.Path(path_type=Path, file_okay=False)
INTERRUPTED: Final = 130
"""Exit code of what Ctrl-C has ended, as shells have it."""
DECLINED: Final = "nothing was done, as you did not agree"
"""What whoever says no is told."""


def duration(text: str) -> float:
    """Return the seconds of a span of time such as `90s` or `1h30m`. Raises BadParameter for any other text."""
    span = durations.span(text)
    if span is None or span < timedelta():
        raise click.BadParameter(f"{text!r} must be a duration such as 90s or 1h30m")
    return span.total_seconds()


def with_address(command: Command) -> Command:
    """Give a command what names a server: --server, --token-file, --context, --insecure-skip-tls-verify."""
    for option in (
        click.option(
            "--insecure-skip-tls-verify",
            "insecure",
            is_flag=True,
            help="Do not look at the server's certificate.",
        ),
        click.option(
            "--context",
            metavar="NAME",
            help="The server of this context; the current one if none is named.",
            shell_complete=completing("contexts"),
        ),
        click.option(
            "--token-file",
            type=FILE,
            help="File with the token for it; TOWPATH_TOKEN if not given.",
        ),
        click.option(
            "--server", metavar="URL", help="Address of the server; TOWPATH_SERVER if not given."
        ),
    ):
        command = option(command)
    return command


def with_server(command: Command) -> Command:
    """Give a command what names a server; it gets `connect`, which returns the client."""

    @with_address
    @functools.wraps(command)
    def wrapped(
        *args: Any,
        server: str | None,
        token_file: Path | None,
        context: str | None,
        insecure: bool,
        **rest: Any,
    ) -> Any:
        asked = WantedServer(
            server=server, context=context, token_file=token_file, insecure=insecure
        )
        return command(*args, connect=lambda: connect(asked), **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def connect(asked: WantedServer) -> Client:
    """Return a client of the server that options, environment or the current context name; see `connection.connect`."""
    from towpath.cli.contexts import connection

    return connection.connect(asked)


def completing(what: str) -> Callable[..., Any]:
    """Return what completes a word in a shell, such as `stages`, `projects` or `contexts`."""

    def complete(context: click.Context, _: click.Parameter, begun: str) -> list[Any]:
        # looked up when it is needed, as commands are: it knows them all
        found: list[Any] = import_module("towpath.cli.completion.completing").words(
            what, context, begun
        )
        return found

    return complete


def with_project(command: Command) -> Command:
    """Give a command --project; it gets `project`, None if neither it, TOWPATH_PROJECT nor the context names one."""

    @click.option(
        "--project",
        "-p",
        metavar="NAME",
        help="The Project; TOWPATH_PROJECT if not given.",
        shell_complete=completing("projects"),
    )
    @functools.wraps(command)
    def wrapped(*args: Any, project: str | None, **rest: Any) -> Any:
        if not project:
            from towpath.cli.contexts.connection import default_project

            project = default_project()
        return command(*args, project=project, **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def needed(project: str | None) -> str:
    """Return the Project. Raises BadRequest, with the remedy, if none is named: of the server first, if there is none either."""
    if project is None:
        from towpath.cli.contexts import connection
        from towpath.cli.contexts.wanted_server import wanted

        can_keep = connection.named(wanted()).context is not None  # it is kept with the context
        raise BadRequest(
            "no Project is named: give --project NAME, or set TOWPATH_PROJECT"
            + (", or keep one with `towpath config set-project NAME`" if can_keep else "")
        )
    return project


def with_freight(command: Command) -> Command:
    """Give a command --freight and --freight-alias; it gets `freight` and `freight_alias`."""
    by_name = click.option(
        "--freight",
        metavar="NAME|ALIAS",
        help="The Freight, by name or alias.",
        shell_complete=completing("aliases"),
    )
    by_alias = click.option(
        "--freight-alias",
        metavar="ALIAS",
        help="The Freight, by alias.",
        shell_complete=completing("aliases"),
    )
    return by_name(by_alias(command))


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


def printed(*formats: str, default: str) -> Callable[[Command], Command]:
    """Return what gives a command -o and the options of its templates; it gets `form`, a `printed_form.PrintedForm`."""
    from towpath.cli.forms import printed_form

    words = tuple(dict.fromkeys((*formats, "json", "yaml", "kyaml", "name")))

    def decorated(command: Command) -> Command:
        @click.option(
            "--output",
            "-o",
            "form",
            metavar=printed_form.metavar(words),
            shell_complete=lambda _, __, begun: printed_form.beginning(words, begun),
            default=default,
            show_default=True,
            help="How it is printed; templates as kubectl has them.",
        )
        @click.option(
            "--template", metavar="TEXT", help="The template of -o go-template or jsonpath."
        )
        @click.option(
            "--allow-missing-template-keys",
            "allow_missing",
            type=click.BOOL,
            is_flag=False,
            flag_value="true",
            default=True,
            help="Whether what a template names and is not there prints nothing (true, as it is), or is an error.",
        )
        @click.option(
            "--show-managed-fields",
            "managed_fields",
            is_flag=True,
            help="Print metadata.managedFields.",
        )
        @functools.wraps(command)
        def wrapped(
            *args: Any,
            form: str,
            template: str | None,
            allow_missing: bool,
            managed_fields: bool,
            **rest: Any,
        ) -> Any:
            shape = printed_form.made(
                words,
                form,
                template,
                allow_missing=allow_missing,
                managed_fields=managed_fields,
            )
            return command(*args, form=shape, **rest)

        return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look

    return decorated


def with_table(command: Command) -> Command:
    """Give a command --no-headers and --no-trunc; it gets `look`."""

    @click.option("--no-headers", is_flag=True, help="A table without its first line.")
    @click.option(
        "--no-trunc", is_flag=True, help="Cells are not cut to the width of the terminal."
    )
    @functools.wraps(command)
    def wrapped(*args: Any, no_headers: bool, no_trunc: bool, **rest: Any) -> Any:
        from towpath.cli.forms.printing import Look

        return command(*args, look=Look(headers=not no_headers, cut=not no_trunc), **rest)

    return wrapped  # type: ignore[return-value]  # `wraps` gives it the command's look


def with_files(command: Command) -> Command:
    """Give a command -f and -R; it gets `filename` and `recursive`."""
    named = click.option(
        "--filename",
        "-f",
        multiple=True,
        metavar="FILE",
        help="File, directory, URL, or - for standard input; may be given several times.",
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
