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
@click.option("--reason", metavar="TEXT", help="Why; kept with the approval.")
@with_server
def command(
    project: str | None,
    freight: str | None,
    freight_alias: str | None,
    stage: str,
    reason: str | None,
    connect: Callable[[], Client],
) -> int:
    """Approve Freight for a Stage, whatever the Stages before it say.

    \b
    Examples:
      towpath approve --project sandbox-example --freight-alias fearless-fox --stage prod
      towpath approve --project sandbox-example --freight 47b33c0c92b54439e5eb7fb80ecc83f8626fe390 --stage prod
      towpath approve --project sandbox-example --freight-alias fearless-fox --stage prod --reason "hotfix"
    """
    from towpath.cli import terminal
    from towpath.cli.moves import moving

    if (freight is None) == (freight_alias is None):
        raise BadRequest("approve: give one of --freight and --freight-alias")
    where = needed(project)
    named = freight or freight_alias or ""
    if reason:
        _, code = moving.move(
            connect(), where, "approve", [stage], "quiet", freight=named, reason=reason
        )
        if code:
            return code
    else:
        connect().approve(where, named, stage)
    terminal.tell(f"freight.kargo.akuity.io/{named} approved")
    return 0
