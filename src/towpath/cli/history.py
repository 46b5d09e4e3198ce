"""`towpath history`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from towpath.cli import contents
from towpath.cli.options import needed, output, with_project, with_server, with_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.cli.printing import Look
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_COLUMNS: Final = ("origin", "freight", "since", "until", "promotion")
_WIDE: Final = ("name",)
_HEADERS: Final = {"name": "FREIGHT NAME"}


@click.command("history")
@click.argument("stage")
@with_project
@click.option(
    "--at", metavar="TIME", help="What was in it then, such as 2026-01-31T12:00:00Z (RFC 3339)."
)
@output("table", "wide", "json", "yaml", default="table")
@with_table
@with_server
def command(
    stage: str,
    project: str | None,
    at: str | None,
    form: str,
    look: Look,
    connect: Callable[[], Client],
) -> None:
    """Show which Freight was in a STAGE, from when to when, also of a Stage that is no more.

    \b
    Examples:
      towpath history prod --project sandbox-example
      towpath history prod --project sandbox-example --at 2026-01-31T12:00:00Z
    """
    from towpath.cli import printing

    client, where = connect(), needed(project)
    items = client.history(where, stage, _moment(at) if at is not None else "")
    if form in ("json", "yaml"):
        printing.show_value({"items": items}, form)
    elif not items:
        then = f" at {at}" if at is not None else ""
        click.echo(f"Nothing was in Stage {stage}{then}.", err=True)
    else:
        is_wide = form == "wide"
        keys = (*_COLUMNS, *_WIDE) if is_wide else _COLUMNS
        freight = contents.known(client, where, [str(item.get("freight") or "") for item in items])
        rows = [[_cell(item, key, freight) for key in keys] for item in items]
        look = replace(look, cut=False) if is_wide else look
        printing.show_table([_HEADERS.get(key, key.upper()) for key in keys], rows, look)


def _cell(item: Document, key: str, freight: Mapping[str, Document]) -> str:
    if key == "freight":
        reference = item.get("reference")
        held = reference if isinstance(reference, dict) else {}
        return contents.shown({**held, "name": item.get("freight")}, freight)
    found = item.get("freight" if key == "name" else key)
    return "" if found is None else str(found)


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
