"""`towpath tokens`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import output, with_server, with_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.forms.printing import Look
    from towpath.sdk.client import Client


@click.group("tokens")
def command() -> None:
    """Make, see and delete tokens of your own, for scripts that act as you. `towpath create token` makes those of a role.

    \b
    Examples:
      towpath tokens create laptop
      towpath tokens list
      towpath tokens delete laptop
    """


@command.command("create")
@click.argument("name")
@click.option(
    "--ttl",
    default="",
    metavar="DURATION",
    help="How long it holds, such as 720h; as the server has it if not given.",
)
@output("text", "json", "yaml", default="text")
@with_server
def create(name: str, ttl: str, form: str, connect: Callable[[], Client]) -> None:
    """Make a token of yours. It is shown now, and never again.

    \b
    Examples:
      towpath tokens create laptop --ttl 168h
      TOWPATH_TOKEN=$(towpath --quiet tokens create job)
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    made = connect().own_tokens().create(name, ttl)
    if form != "text":
        printing.show_value(made, form)
        return
    terminal.tell(
        f"token {name} created, good until {made.get('expires') or 'it is deleted'}; it is shown this once only:"
    )
    terminal.say(str(made["token"]))


@command.command("list")
@output("table", "json", "yaml", "name", default="table")
@with_table
@with_server
def list_(form: str, look: Look, connect: Callable[[], Client]) -> None:
    """Show your tokens: when they were made, end, and were used last.

    \b
    Examples:
      towpath tokens list
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    found = connect().own_tokens().all()
    if form == "name":
        for each in found:
            terminal.say(str(each.get("name") or ""))
    elif form != "table":
        printing.show_value({"items": found}, form)
    elif not found:
        click.echo("You have no tokens; `towpath tokens create NAME` makes one.", err=True)
    else:
        keys = ("name", "created", "expires", "used")
        rows = [[str(each.get(key) or "") for key in keys] for each in found]
        printing.show_table(["NAME", "CREATED", "EXPIRES", "LAST USED"], rows, look)


@command.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@with_server
def delete(names: tuple[str, ...], connect: Callable[[], Client]) -> int:
    """Delete tokens of yours: they are good no more, at once.

    \b
    Examples:
      towpath tokens delete laptop
    """
    from towpath.cli import terminal
    from towpath.errors import NotFound

    own, missing = connect().own_tokens(), 0
    for name in names:
        try:
            own.delete(name)
            terminal.tell(f"token {name} deleted")
        except NotFound as error:
            missing += 1
            terminal.say(f"towpath: {error}", err=True)
    return 1 if missing else 0
