"""`towpath move`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import (
    completing,
    needed,
    output,
    some,
    with_freight,
    with_project,
    with_server,
    with_timeout,
)
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("move")
@with_project
@click.option(
    "--stage",
    "stages",
    metavar="NAME",
    multiple=True,
    help="A Stage to move to; may be given several times, and name several with commas.",
    shell_complete=completing("stages"),
)
@with_freight
@click.option("--downstream", is_flag=True, help="Move to every Stage right after these instead.")
@click.option("--back", is_flag=True, help="Move back to what was there, and verified, before.")
@click.option(
    "--origin", metavar="KIND/NAME", help="With --back: of which Warehouse, such as Warehouse/NAME."
)
@click.option("--reason", metavar="TEXT", help="Why; kept with the Promotions.")
@click.option(
    "--if-rev",
    type=click.IntRange(min=1),
    metavar="REV",
    help="Move nothing where a Stage has changed since this revision, as answers have it in `rev`.",
)
@click.option("--key", metavar="TEXT", help="The same call with the same key is done once a day.")
@click.option("--plan", "shows_plan", is_flag=True, help="Show what would happen, and ask.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@with_timeout
@output("text", "json", "yaml", "name", default="text")
@with_server
def command(
    project: str | None,
    stages: tuple[str, ...],
    freight: str | None,
    freight_alias: str | None,
    downstream: bool,
    back: bool,
    origin: str | None,
    reason: str | None,
    if_rev: int | None,
    key: str | None,
    shows_plan: bool,
    yes: bool,
    wait: bool,
    timeout: float | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Move Freight to one or many Stages in one call, and tell what became of each.

    A Stage that refuses does not keep the others from being moved to; the exit code is then 1. What a shut gate keeps back is told
    with the gate, and the command that opens it.

    \b
    Examples:
      towpath move -p sandbox-example --stage prod-eu --stage prod-us --freight fearless-fox
      towpath move -p sandbox-example --stage prod-eu,prod-us --freight fearless-fox --plan
      towpath move -p sandbox-example --stage preprod --downstream --freight fearless-fox --wait
      towpath move -p sandbox-example --stage prod --back --reason "checkout is broken"
    """
    from towpath.cli.moves import moving

    seconds, where = some(timeout, wait=wait), needed(project)
    names = moving.stages_of(stages, "move")
    named = moving.freight_of(freight, freight_alias, "move")
    if downstream and back:
        raise BadRequest("move: --downstream and --back are two ways to go; give one of them")
    if not back and not named:
        raise BadRequest(
            "move: give --freight or --freight-alias, or --back for what was there before"
        )
    if origin and not back:
        raise BadRequest("move: --origin goes with --back; the Freight says where it comes from")
    if shows_plan and (downstream or back):
        raise BadRequest("move: --plan goes with Stages that are named, and Freight that is")
    client, plan = connect(), ""
    if shows_plan:
        plan = moving.planned(client, where, names, named, is_agreed=yes)
    kind = "rollback" if back else "downstream" if downstream else "promote"
    answer, code = moving.move(
        client,
        where,
        kind,
        names,
        form,
        freight=named,
        origin=origin or "",
        reason=reason or "",
        plan=plan,
        if_rev=if_rev,
        key=key or "",
    )
    return max(code, moving.wait_for(client, where, answer, form, seconds)) if wait else code
