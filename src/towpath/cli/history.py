"""`towpath history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from towpath.cli.options import needed, output, with_project, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

_COLUMNS: Final = ("origin", "freight", "since", "until", "promotion")


@click.command("history")
@click.argument("stage")
@with_project
@click.option(
    "--at", metavar="TIME", help="What was in it then, such as 2026-01-31T12:00:00Z (RFC 3339)."
)
@output("table", "json", "yaml", default="table")
@click.option("--no-headers", is_flag=True, help="A table without its first line.")
@with_server
def command(
    stage: str,
    project: str | None,
    at: str | None,
    form: str,
    no_headers: bool,
    connect: Callable[[], Client],
) -> None:
    """Show which Freight was in a STAGE, from when to when, also of a Stage that is no more.

    \b
    Examples:
      towpath history prod --project sandbox-example
      towpath history prod --project sandbox-example --at 2026-01-31T12:00:00Z
    """
    from towpath.cli import printing

    items = connect().history(needed(project), stage, _moment(at) if at is not None else "")
    if form != "table":
        printing.show_value({"items": items}, form)
    elif not items:
        click.echo("Nothing was in it.", err=True)
    else:
        rows = [
            ["" if item.get(key) is None else str(item[key]) for key in _COLUMNS] for item in items
        ]
        headers = [name.upper() for name in _COLUMNS]
        printing.show_table(headers, rows, with_headers=not no_headers)


def _moment(text: str) -> str:
    """Return a moment with its zone. Raises BadRequest for a text that is not a moment."""
    from datetime import datetime

    from towpath.errors import BadRequest

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRequest(
            f"--at {text}: it must be a moment with its zone, such as 2026-01-31T12:00:00Z"
        )
    return moment.isoformat()
