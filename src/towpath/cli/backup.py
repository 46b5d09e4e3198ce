"""`towpath backup`."""

from __future__ import annotations

from pathlib import Path

import click

from towpath.cli.environment import environment
from towpath.errors import BadRequest


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data directory of a server that is stopped; without it the running server is asked.",
)
def command(file: Path, data: Path | None) -> None:
    """Write a checked copy of the database to FILE.

    Without --data the server at TOWPATH_SERVER is asked (with TOWPATH_TOKEN), and goes on working
    meanwhile. The copy's Secrets stay sealed: keep the key file as well, apart from it.

    \b
    Examples:
      towpath backup monday.db
      towpath backup monday.db --data ./towpath-data
    """  # noqa: D301
    settings = environment()
    if data is not None:
        from towpath.local import keeping

        made = keeping.back_up(data, settings.key_file, file)
        click.echo(_told(made.path, made.objects, made.revision, made.bytes))
        return
    if settings.server is None:
        raise BadRequest(
            "backup: say what to copy: set TOWPATH_SERVER (and TOWPATH_TOKEN) for a running server, or give "
            "--data DIR of one that is stopped"
        )
    if settings.token is None:
        raise BadRequest(
            "backup: TOWPATH_TOKEN is not set; the server's data directory has it in the file admin-token"
        )
    from towpath.sdk.client import Client

    got = Client(settings.server, settings.token).back_up(file)
    click.echo(_told(got.path, got.objects, got.revision, got.bytes))


def _told(path: Path, objects: int, revision: int, size: int) -> str:
    return f"{path}: {objects:,} objects at revision {revision}, {size:,} bytes, checked"
