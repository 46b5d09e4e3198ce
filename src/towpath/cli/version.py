"""`towpath version`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from towpath import __version__
from towpath.cli.options import output


@click.command("version")
@click.option("--client", "client_only", is_flag=True, help="Of this program only.")
@output("text", "json", "yaml", default="text")
@click.option("--server", metavar="URL", help="Address of the server; TOWPATH_SERVER if not given.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with the token for it; TOWPATH_TOKEN if not given.",
)
def command(client_only: bool, form: str, server: str | None, token_file: Path | None) -> None:
    """Print the versions of this program and of the server, if one is named.

    \b
    Examples:
      towpath version
      towpath version --client
    """
    from towpath.cli import printing, terminal
    from towpath.cli.environment import environment
    from towpath.cli.options import connect

    told: dict[str, Any] = {"client": {"version": __version__}}
    if form == "text":
        terminal.say(f"Client Version: {__version__}")
    if not client_only and (server or environment().server):
        told["server"] = connect(server, token_file).version()
        if form == "text":
            terminal.say(f"Server Version: {told['server'].get('version', '')}")
    if form != "text":
        printing.show_value(told, form)
