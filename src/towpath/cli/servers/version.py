"""`towpath version`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath import __version__
from towpath.cli.options import output, with_address

if TYPE_CHECKING:
    from pathlib import Path


@click.command("version")
@click.option("--client", "client_only", is_flag=True, help="Of this program only.")
@output("text", "json", "yaml", default="text")
@with_address
def command(
    client_only: bool,
    form: str,
    server: str | None,
    token_file: Path | None,
    context: str | None,
    insecure: bool,
) -> None:
    """Print the versions of this program and of the server, if one is named.

    \b
    Examples:
      towpath version
      towpath version --client
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import connection
    from towpath.cli.contexts.wanted_server import WantedServer
    from towpath.cli.forms import printing

    told: dict[str, Any] = {"client": {"version": __version__}}
    if form == "text":
        terminal.say(f"Client Version: {__version__}")
    asked = WantedServer(server=server, context=context, token_file=token_file, insecure=insecure)
    if not client_only and connection.chosen(asked) is not None:
        told["server"] = connection.connect(asked).version()
        if form == "text":
            terminal.say(f"Server Version: {told['server'].get('version', '')}")
    if form != "text":
        printing.show_value(told, form)
