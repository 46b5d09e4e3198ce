"""`towpath version`."""

from __future__ import annotations

import click

from towpath import __version__


@click.command("version")
def command() -> None:
    """Print the version.

    \b
    Example:
      towpath version
    """  # noqa: D301
    click.echo(__version__)
