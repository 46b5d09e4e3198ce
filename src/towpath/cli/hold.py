"""`towpath hold`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, output, with_project, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("hold")
@with_project
@click.argument(
    "stages", metavar="STAGE...", nargs=-1, required=True, shell_complete=completing("stages")
)
@click.option(
    "--origin",
    metavar="KIND/NAME",
    help="Of which Warehouse, such as Warehouse/NAME; of all if not given.",
)
@click.option("--reason", metavar="TEXT", help="Why; it is kept.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    project: str | None,
    stages: tuple[str, ...],
    origin: str | None,
    reason: str | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Keep auto-promotion from replacing what is in Stages, until `towpath resume` or a Promotion of the newest Freight by hand.

    \b
    Examples:
      towpath hold -p sandbox-example prod --reason "release freeze"
      towpath hold -p sandbox-example prod-eu prod-us
      towpath hold -p sandbox-example prod --origin Warehouse/example-container
    """
    from towpath.cli import moving

    where, names = needed(project), moving.stages_of(stages, "hold")
    _, code = moving.move(
        connect(), where, "hold", names, form, origin=origin or "", reason=reason or ""
    )
    return code
