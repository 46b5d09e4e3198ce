"""`towpath demo`."""

from __future__ import annotations

from pathlib import Path

import click

from towpath.cli import terminal
from towpath.cli.options import FOLDER


@click.group("demo", invoke_without_command=True)
@click.option(
    "--data",
    type=FOLDER,
    default=Path(".towpath/demo"),
    show_default=True,
    help="Where everything it makes is kept; it goes on from what is there.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    metavar="HOST:PORT",
    help="Address of the API; any free port if this one is taken.",
)
@click.option(
    "--world",
    metavar="NAME",
    help="Serve a large world instead, alone: W500 (one Project, 500 Stages) or Wall (200 Projects).",
)
@click.option(
    "--reset",
    is_flag=True,
    help="Remove what earlier demos left in the folder, and begin anew.",
)
@click.pass_context
def command(
    context: click.Context, data: Path, listen: str, world: str | None, *, reset: bool
) -> None:
    """See it work: a registry, a Git server, an Argo CD and two environments, on this machine alone.

    It pushes a first image, applies the example two-environments, tells what happens, and goes on serving until Ctrl-C.
    Beside it is a shop with three weeks behind it, for the web UI.

    \b
    Examples:
      towpath demo
      towpath demo --reset
      towpath demo push
      towpath demo --world W500
    """
    if reset and (world is not None or context.invoked_subcommand is not None):
        raise click.UsageError("--reset goes with the demo itself, not with --world or push")
    if context.invoked_subcommand is not None:
        return
    import logging

    from towpath.cli.environment import environment
    from towpath.demo import narration
    from towpath.demo.world import DemoSettings, forget
    from towpath.demo.worlds import serving

    logging.basicConfig(level=logging.ERROR)
    surroundings = environment()
    settings = DemoSettings(
        data=data,
        key_file=surroundings.key_file,
        state=surroundings.state,
        listen=listen,
        programs=surroundings.programs,
    )
    if world is not None:
        serving.run(settings, world, terminal.say)
        return
    if reset:
        forget(data)
    narration.run(settings, terminal.say)


@command.command("push")
@click.option(
    "--data",
    type=FOLDER,
    help="Folder of the demo that is meant, if several run.",
)
@click.option("--tag", help="Tag of the image; by default one that is newer than all before.")
@click.option("--crashes", is_flag=True, help="A version whose Pods never become ready.")
@click.option("--fails", is_flag=True, help="A version that starts, and fails its smoke test.")
@click.pass_context
def push(
    context: click.Context, data: Path | None, tag: str | None, crashes: bool, fails: bool
) -> None:
    """Push the next version of the demo's image, and have it looked for.

    It finds the demo that runs from any folder.

    \b
    Examples:
      towpath demo push
      towpath demo push --crashes
      towpath demo push --fails
      towpath demo push --tag 2026-11-23_1200-abcdef1
    """
    from towpath.cli.environment import environment
    from towpath.demo import images, notes, world

    group = context.parent
    if data is None and group is not None and _is_given(group, "data"):
        data = group.params["data"]  # towpath demo --data DIR push
    surroundings = environment()
    found = world.World.of(notes.find(data, surroundings.state, server=surroundings.server))
    if (tag is not None) + crashes + fails > 1:
        raise click.UsageError("--tag, --crashes and --fails exclude each other")
    pushed = found.push(tag, build=images.CRASHES if crashes else images.FAILING if fails else "")
    why_not = found.passed_over(pushed)
    found.client.refresh("warehouses", world.PROJECT, world.WAREHOUSE)
    name = f"{world.REGISTRY_HOST}/{world.IMAGE}:{pushed}"
    terminal.say(f"pushed {name}; {why_not or 'the Warehouse looks for it now'}")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
