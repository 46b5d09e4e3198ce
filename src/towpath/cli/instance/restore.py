"""`towpath restore`."""

from __future__ import annotations

from pathlib import Path

import click

from towpath.cli.environment import environment
from towpath.cli.options import FOLDER
from towpath.local import keeping


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Data directory; its server must be stopped.",
)
def command(file: Path, data: Path) -> None:
    """Put the backup FILE in the place of the database.

    The database that was there is kept under another name.

    \b
    Example:
      towpath restore monday.db --data ./towpath-data
    """
    done = keeping.put_back(file, data, environment().key_file)
    click.echo(f"{data}: restored {done.objects:,} objects; go on with: towpath up --data {data}")
    if done.replaced is not None:
        click.echo(f"the database that was there is kept as {done.replaced}")
