"""`towpath rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import (
    completing,
    needed,
    output,
    some,
    with_project,
    with_server,
    with_timeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("rollback")
@with_project
@click.argument(
    "stages", metavar="STAGE...", nargs=-1, required=True, shell_complete=completing("stages")
)
@click.option(
    "--freight",
    metavar="NAME|ALIAS",
    help="Back to this Freight; to what was there, and verified, before if not given.",
    shell_complete=completing("aliases"),
)
@click.option(
    "--origin", metavar="KIND/NAME", help="Of which Warehouse, such as Warehouse/NAME, of several."
)
@click.option("--reason", metavar="TEXT", help="Why; kept with the Promotions.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@with_timeout
@output("text", "json", "yaml", "name", default="text")
@with_server
def command(
    project: str | None,
    stages: tuple[str, ...],
    freight: str | None,
    origin: str | None,
    reason: str | None,
    yes: bool,
    wait: bool,
    timeout: float | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Promote what was in Stages, and verified there, before what is there now.

    Auto-promotion is held there then, until `towpath resume` or a Promotion of the newest Freight by hand.

    \b
    Examples:
      towpath rollback -p sandbox-example prod --reason "checkout is broken" --wait
      towpath rollback -p sandbox-example prod-eu prod-us --yes
      towpath rollback -p sandbox-example prod --freight fearless-fox
    """
    from towpath.cli.kinds import kinds
    from towpath.cli.moves import moving

    seconds, where = some(timeout, wait=wait), needed(project)
    names = moving.stages_of(stages, "rollback")
    client = connect()
    moving.confirmed(f"Go back in {', '.join(names)}?", is_agreed=yes)
    answer, code = moving.move(
        client,
        where,
        "rollback",
        names,
        form,
        freight=kinds.bare(freight, "Freight") or "",
        origin=origin or "",
        reason=reason or "",
    )
    return max(code, moving.wait_for(client, where, answer, form, seconds)) if wait else code
