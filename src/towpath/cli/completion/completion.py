"""`towpath completion`."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what makes a shell complete commands, options, kinds, Projects, Stages and aliases.

    Names are asked of the server, for a second at most; without an answer nothing is offered.

    \b
    Examples:
      source <(towpath completion bash)
      towpath completion zsh > ~/.zfunc/_towpath
      towpath completion fish > ~/.config/fish/completions/towpath.fish
    """
    from towpath.cli.completion import completing

    click.echo(completing.script(shell))
