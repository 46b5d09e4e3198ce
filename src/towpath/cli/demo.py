"""`towpath demo`."""

from __future__ import annotations

from pathlib import Path

import click

from towpath.cli import terminal

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".towpath/demo"),
    show_default=True,
    help="Where everything it makes is kept.",
)


@click.group("demo", invoke_without_command=True)
@_DATA
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    metavar="HOST:PORT",
    help="Address of the API; any free port if this one is taken.",
)
@click.pass_context
def command(context: click.Context, data: Path, listen: str) -> None:
    """See it work: a registry, a Git server and two environments, on this machine alone.

    It applies the example two-environments, pushes a first image, tells what happens, and goes on serving until Ctrl-C.

    \b
    Examples:
      towpath demo
      towpath demo push
    """
    if context.invoked_subcommand is not None:
        return
    import logging

    from towpath.cli.environment import environment
    from towpath.demo import world

    logging.basicConfig(level=logging.ERROR)
    world.run(data, environment().key_file, listen, terminal.say)


@command.command("push")
@_DATA
@click.option("--tag", help="Tag of the image; by default one that is newer than all before.")
def push(data: Path, tag: str | None) -> None:
    """Push the next version of the demo's image, and have it looked for.

    \b
    Examples:
      towpath demo push
      towpath demo push --tag 2026-11-23_1200-abcdef1
    """
    from towpath.demo import world

    found = world.find(data)
    pushed = found.push(tag)
    found.client.refresh("warehouses", world.PROJECT, world.WAREHOUSE)
    terminal.say(
        f"pushed {world.REGISTRY_HOST}/{world.IMAGE}:{pushed}; the Warehouse looks for it now"
    )
