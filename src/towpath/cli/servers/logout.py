"""`towpath logout`."""

from __future__ import annotations

import click

from towpath.cli.options import completing


@click.command("logout")
@click.option(
    "--context",
    metavar="NAME",
    help="The server to forget; the current one if none is named.",
    shell_complete=completing("contexts"),
)
@click.option("--all", "everything", is_flag=True, help="Forget all servers.")
def command(context: str | None, everything: bool) -> None:
    """Forget a server: its address and the token for it are removed from this machine.

    The token itself is good until it ends or is revoked on the server (`towpath tokens`).

    \b
    Examples:
      towpath logout
      towpath logout --context prod
      towpath logout --all
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import context_file
    from towpath.cli.contexts.context_file import KnownServers
    from towpath.cli.environment import environment
    from towpath.errors import BadRequest

    if everything and context:
        raise BadRequest("logout: give either --all or --context")
    path = environment().contexts
    before = context_file.read(path)
    name = context or before.current
    if everything:
        context_file.change(path, lambda _: KnownServers())
        terminal.tell("forgot all servers")
    elif name:
        context_file.change(path, lambda servers: servers.without(name))
        terminal.tell(f"forgot {name}")
    else:
        terminal.tell("no server was signed in to")
