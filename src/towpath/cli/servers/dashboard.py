"""`towpath dashboard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import with_address

if TYPE_CHECKING:
    from pathlib import Path


@click.command("dashboard")
@click.option("--print", "prints", is_flag=True, help="Print the address, and open nothing.")
@with_address
def command(
    prints: bool, server: str | None, token_file: Path | None, context: str | None, insecure: bool
) -> None:
    """Open the server in a browser. Whoever is not signed in there signs in there: no token is passed on.

    \b
    Examples:
      towpath dashboard
      towpath dashboard --context prod --print
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import connection, signing_in
    from towpath.cli.contexts.wanted_server import WantedServer

    asked = WantedServer(server=server, context=context, token_file=token_file, insecure=insecure)
    address = connection.named(asked).address
    if prints or not signing_in.open_in_browser(address):
        terminal.say(address)
    else:
        terminal.tell(f"opened {address}")
