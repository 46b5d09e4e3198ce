"""`towpath import`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from towpath.cli.options import FILE, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client
    from towpath.sdk.transfers import Transfers


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--request",
    "is_request",
    is_flag=True,
    help="Print the key for which an archive is to be sealed.",
)
@click.option(
    "--passphrase-file", type=FILE, help="The passphrase that the archive was sealed with."
)
@click.option(
    "--from-kargo",
    "source",
    type=click.Path(path_type=Path),
    help="Take over a Project of Kargo: a folder of manifests, or a kubeconfig.",
)
@click.option("--project", "-p", help="Which Project of Kargo.")
@click.option(
    "--kube-context", default="", help="Context of that kubeconfig; its current one without."
)
@with_server
def command(
    file: Path | None,
    passphrase_file: Path | None,
    source: Path | None,
    project: str | None,
    kube_context: str,
    *,
    is_request: bool,
    connect: Callable[[], Client],
) -> None:
    """Take a Project in: from FILE, which `towpath export` has made, or from Kargo.

    It comes whole or not at all; the same command again finds it there. Nothing of it is promoted or verified again.

    \b
    Examples:
      towpath import --request > eu.key
      towpath import shop.towpath
      towpath import --from-kargo ./shop-manifests --project shop
      towpath import --from-kargo ~/.kube/config --project shop
    """
    from towpath.cli import terminal

    if sum((is_request, file is not None, source is not None)) != 1:
        raise BadRequest("give one of FILE, --request and --from-kargo")
    transfers = connect().transfers
    if is_request:
        terminal.say(transfers.key())
        return
    with tempfile.TemporaryDirectory(prefix="towpath-import-") as folder:
        path = _archive(
            transfers, Path(folder), file, passphrase_file, source, project, kube_context
        )
        done = transfers.take_in(path)
    for warning in done["warnings"]:
        terminal.say(f"Warning: {warning}", err=True)
    name = done["project"]
    if not done["isNew"]:
        terminal.say(f"Project {name} is here already, from this very archive: nothing was changed")
        return
    terminal.say(
        f"Project {name}: {done['objects']:,} objects and {done['past']:,} records of history"
    )


def _archive(
    transfers: Transfers,
    folder: Path,
    file: Path | None,
    passphrase_file: Path | None,
    source: Path | None,
    project: str | None,
    context: str,
) -> Path:
    """Return the archive that is to be sent."""
    from towpath.cli import terminal
    from towpath.local import kargo_source, transfer

    path = folder / "archive"
    if source is not None:
        if not project:
            raise BadRequest("--project: name the Project of Kargo that is to be taken over")
        found = kargo_source.read(source, project, context)
        for warning in transfer.from_kargo(found, project, transfers.key(), path):
            terminal.say(f"Warning: {warning}", err=True)
        return path
    assert file is not None  # noqa: S101 - one of the three was given
    if passphrase_file is None:
        return file
    transfer.reseal(file, passphrase_file, transfers.key(), path)
    return path
