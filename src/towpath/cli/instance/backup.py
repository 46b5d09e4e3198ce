"""`towpath backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from towpath.cli.environment import environment
from towpath.cli.options import FOLDER, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=FOLDER,
    help="Data directory of a server that is stopped; without it the running server is asked.",
)
@with_server
def command(file: Path, data: Path | None, connect: Callable[[], Client]) -> None:
    """Write a checked copy of the database to FILE.

    Without --data the running server is asked, and goes on working meanwhile. The copy's Secrets stay sealed:
    keep the key file as well, apart from it.

    \b
    Examples:
      towpath backup monday.db
      towpath backup monday.db --data ./towpath-data
    """
    if data is not None:
        from towpath.local import keeping

        made = keeping.back_up(data, environment().key_file, file)
        click.echo(_told(made.path, made.objects, made.revision, made.bytes))
        return
    try:
        client = connect()
    except BadRequest as error:
        raise BadRequest(
            f"{error.message}; or give --data DIR of a server that is stopped"
        ) from error
    got = client.back_up(file)
    click.echo(_told(got.path, got.objects, got.revision, got.bytes))


def _told(path: Path, objects: int, revision: int, size: int) -> str:
    return f"{path}: {objects:,} objects at revision {revision}, {size:,} bytes, checked"
