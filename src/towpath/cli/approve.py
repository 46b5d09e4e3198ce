"""`towpath approve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("approve")
@with_project
@click.option("--freight", metavar="NAME", help="The Freight, by name.")
@click.option(
    "--freight-alias",
    metavar="ALIAS",
    help="The Freight, by alias.",
    shell_complete=completing("aliases"),
)
@click.option(
    "--stage",
    metavar="NAME",
    required=True,
    help="The Stage it may go to.",
    shell_complete=completing("stages"),
)
@with_server
def command(
    project: str | None,
    freight: str | None,
    freight_alias: str | None,
    stage: str,
    connect: Callable[[], Client],
) -> None:
    """Approve Freight for a Stage, whatever the Stages before it say.

    \b
    Examples:
      towpath approve --project sandbox-example --freight-alias fearless-fox --stage prod
      towpath approve --project sandbox-example --freight 47b33c0c92b54439e5eb7fb80ecc83f8626fe390 --stage prod
    """
    from towpath.cli import terminal

    if (freight is None) == (freight_alias is None):
        raise BadRequest("approve: give one of --freight and --freight-alias")
    where = needed(project)
    connect().approve(where, freight or freight_alias or "", stage)
    terminal.tell(f"freight.kargo.akuity.io/{freight or freight_alias} approved")
