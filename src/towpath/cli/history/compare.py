"""`towpath compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import needed, output, with_project, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("compare")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@with_project
@output("text", "markdown", "json", "yaml", default="text")
@with_server
def command(
    before: str, after: str, project: str | None, form: str, connect: Callable[[], Client]
) -> None:
    """Say what was released from A to B: which artifacts differ, and by which commits.

    A and B are Freight, by name or alias, or Stages, for what is in them; write freight/NAME or stage/NAME where both have
    one. What cannot be known is named, with the cause.

    \b
    Examples:
      towpath compare prod preprod -p sandbox-example
      towpath compare fearless-fox stage/prod -p sandbox-example
      towpath compare prod fearless-fox -p sandbox-example -o markdown
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    words = form if form in ("text", "markdown") else ""
    found = connect().compare(needed(project), before, after, words)
    if not words:
        printing.show_value(found, form)
        return
    for line in str(found.get("notes") or "").split("\n"):
        terminal.say(line)
