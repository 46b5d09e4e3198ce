"""`towpath pipeline`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.board.board_lines import Line
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_COLOURS = {"ok": "green", "run": "cyan", "wait": "yellow", "fail": "red", "held": "magenta"}


@click.command("pipeline")
@with_project
@click.option(
    "--freight",
    metavar="NAME|ALIAS",
    help="Where this Freight is, and where it may go, in place of what is there.",
    shell_complete=completing("aliases"),
)
@click.option("--watch", "-w", is_flag=True, help="Show it again whenever something changes.")
@click.option(
    "--at",
    metavar="TIME",
    help="What was where at this moment (RFC 3339), or how long ago, such as 2h.",
)
@click.option("--no-trunc", is_flag=True, help="Nothing is cut to the width of the terminal.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    project: str | None,
    freight: str | None,
    watch: bool,
    at: str | None,
    no_trunc: bool,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Show what is where in a Project, and what may move.

    Columns are the ranks of the Stages, rows what belongs together. Of each Stage: how it is and for how long, what is in it, how
    much newer Freight there is before it, and the gate that keeps the next one, with the time at which it opens.

    \b
    Examples:
      towpath pipeline -p sandbox-example
      towpath pipeline -p sandbox-example --watch
      towpath pipeline -p sandbox-example --freight fearless-fox
      towpath pipeline -p sandbox-example --at 2026-01-31T12:00:00Z
      towpath pipeline -p sandbox-example -o json
    """
    from towpath.cli.forms import printing
    from towpath.cli.history import happened
    from towpath.cli.kinds import kinds

    where, named = needed(project), kinds.bare(freight, "Freight") or ""
    if at and (named or watch):
        raise BadRequest(
            "pipeline: --at shows a moment that has passed; give no --freight and no --watch with it"
        )
    if watch and form != "text":
        raise BadRequest("pipeline: --watch shows text; for programs there is `/towpath/v1/stream`")
    moment = happened.moment("--at", at) if at else ""
    client = connect()
    if watch:
        _watch(client, where, named, is_cut=not no_trunc)
        return
    board, lens = _documents(client, where, named, moment)
    if form != "text":
        printing.show_value(board if lens is None else lens, form)
        return
    _show(board, lens, is_cut=not no_trunc)


def _documents(
    client: Client, project: str, freight: str, at: str = ""
) -> tuple[Document, Document | None]:
    board = client.board(project, at)
    return board, client.lens(project, freight) if freight else None


def _watch(client: Client, project: str, freight: str, *, is_cut: bool) -> None:
    """Show the board, and again after each change that the stream tells, until the person ends it."""
    from towpath.cli.waiting import Deadline
    from towpath.errors import Expired, Unavailable

    deadline = Deadline(float("inf"))
    pause = _FIRST_PAUSE
    while True:
        board, lens = _documents(client, project, freight)
        if sys.stdout.isatty():
            click.clear()
        _show(board, lens, is_cut=is_cut)
        revision = board.get("rev")
        try:
            for event in client.stream(
                [f"board:{project}"], revision if isinstance(revision, int) else 0
            ):
                pause = _FIRST_PAUSE
                if event.name in ("patch", "reset") and (event.id or event.name == "reset"):
                    break
        except (Unavailable, Expired):
            deadline.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0


def _show(board: Document, lens: Document | None, *, is_cut: bool) -> None:
    from towpath.cli import terminal
    from towpath.cli.board import board_lines

    for line in board_lines.lines(board, lens, width=terminal.width() if is_cut else None):
        click.echo(_painted(line) if has_colours() else "".join(said for said, _ in line))


def has_colours() -> bool:
    """Whether standard output shows colours: a terminal, and nobody asked for none (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _painted(line: Line) -> str:
    return "".join(
        click.style(said, fg=_COLOURS[role]) if role in _COLOURS else said for said, role in line
    )
