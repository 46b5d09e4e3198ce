"""`towpath rotate-key`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.environment import environment
from towpath.cli.options import FOLDER
from towpath.local import keeping

if TYPE_CHECKING:
    from pathlib import Path


@click.command("rotate-key")
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Data directory; its server must be stopped.",
)
def command(data: Path) -> None:
    """Make a new key and seal all Secrets under it.

    The new key is added to the key file; the old one stays there, because older backups need it.

    \b
    Example:
      towpath rotate-key --data ./towpath-data
    """
    key_file = environment().key_file
    done = keeping.rotate(data, key_file)
    click.echo(
        f"{data}: sealed {done.values:,} documents under key {done.new_key} instead of {done.old_key}"
    )
    click.echo(
        f"{key_file} now holds both: keep {done.old_key} as long as there are backups from before"
    )
