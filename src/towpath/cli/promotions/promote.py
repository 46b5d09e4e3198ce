"""`towpath promote`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import click

from towpath.cli.options import (
    DECLINED,
    completing,
    needed,
    printed,
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

Made = TypeVar("Made")

_REFUSED: Final = 1


@click.command("promote")
@with_project
@click.option(
    "--stage", metavar="NAME", help="The Stage to promote to.", shell_complete=completing("stages")
)
@click.option(
    "--downstream-from",
    metavar="STAGE",
    help="Promote to every Stage right after this one instead.",
    shell_complete=completing("stages"),
)
@with_freight
@click.option(
    "--warehouse",
    metavar="NAME",
    help="The newest available Freight of this Warehouse; auto-promotion goes on from there.",
    shell_complete=completing("warehouses"),
)
@click.option("--origin", metavar="KIND/NAME", help="The same, such as Warehouse/NAME.")
@click.option("--plan", "shows_plan", is_flag=True, help="Show what would happen, and ask.")
@click.option("--plan-id", metavar="ID", help="Promote what this plan says, unless it is outdated.")
@click.option("--abort", is_flag=True, help="End the Promotion that --name names.")
@click.option("--name", metavar="NAME", help="The Promotion to --abort.")
@with_timeout
@printed("text", default="text")
@with_server
def command(
    project: str | None,
    stage: str | None,
    downstream_from: str | None,
    freight: str | None,
    freight_alias: str | None,
    warehouse: str | None,
    origin: str | None,
    shows_plan: bool,
    plan_id: str | None,
    abort: bool,
    name: str | None,
    wait: bool,
    timeout: float | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Promote Freight to a Stage.

    With --wait it tells each step as it goes, and the exit code says how it ended: 0 it succeeded, 2 it did
    not, 3 --timeout came first (the Promotion goes on), 1 it could not be asked for or watched, 130 it was
    interrupted (Ctrl-C; the Promotion goes on, and how to come back is told).

    \b
    Examples:
      towpath promote -p sandbox-example --stage prod --freight fearless-fox --wait
      towpath promote -p sandbox-example --stage preprod --warehouse example-container
      towpath promote -p sandbox-example --downstream-from preprod --freight-alias fearless-fox
      towpath promote -p sandbox-example --stage prod --freight fearless-fox --plan
      towpath promote -p sandbox-example --abort --name prod.01j0000000000000000000000.47b33c0
    """
    from towpath.cli import exit_codes, terminal
    from towpath.cli.kinds import kinds
    from towpath.cli.promotions.following import Report
    from towpath.cli.waiting import Deadline

    seconds = some(timeout, wait=wait)
    where = needed(project)
    stage, downstream_from = kinds.bare(stage, "Stage"), kinds.bare(downstream_from, "Stage")
    freight, name = kinds.bare(freight, "Freight"), kinds.bare(name, "Promotion")
    if abort or name:
        if not (abort and name) or any(
            (stage, downstream_from, freight, freight_alias, warehouse, origin)
        ):
            raise BadRequest("promote: --abort goes with --name PROMOTION, and with nothing else")
        _abort(connect(), where, name)
        return 0
    if plan_id:
        if shows_plan or any((stage, downstream_from, freight, freight_alias, warehouse, origin)):
            raise BadRequest("promote: --plan-id says what is promoted; give nothing else with it")
        planned = connect()
        made = [planned.promote_planned(where, plan_id)]
        return Report(planned, where, form).run(made, Deadline(seconds) if wait else None)
    if shows_plan:
        if not stage or downstream_from or origin or warehouse:
            raise BadRequest("promote: --plan goes with --stage, and --freight or --freight-alias")
        planned = connect()
        plan = _confirmed(planned, where, stage, freight or "", freight_alias or "")
        made = [planned.promote_planned(where, plan)]
        return Report(planned, where, form).run(made, Deadline(seconds) if wait else None)
    if warehouse is not None:
        if origin is not None:
            raise BadRequest("promote: --warehouse and --origin say the same; give one of them")
        origin = f"Warehouse/{warehouse}"
    given = [wanted for wanted in (freight, freight_alias, origin) if wanted]
    if len(given) != 1:
        raise BadRequest(
            "promote: give one of --freight, --freight-alias, --warehouse and --origin"
        )
    if bool(stage) == bool(downstream_from):
        raise BadRequest("promote: give one of --stage and --downstream-from")
    if downstream_from and origin:
        raise BadRequest("promote: --downstream-from takes --freight or --freight-alias")
    client, error = connect(), ""
    if stage and origin:
        made = [client.promote(where, stage, origin=origin)]
    elif stage:
        promote = partial(client.promote, where, stage)
        made = [_by_name_or_alias(promote, freight or "", freight_alias or "")]
    else:
        promote_all = partial(client.promote_downstream, where, downstream_from or "")
        several = _by_name_or_alias(promote_all, freight or "", freight_alias or "")
        made, error = several.promotions, several.error
    code = Report(client, where, form).run(made, Deadline(seconds) if wait else None)
    if error:
        terminal.say(f"towpath: {error}", err=True)
    return _REFUSED if error and not exit_codes.are_kargos() else code


def _confirmed(client: Client, project: str, stage: str, freight: str, alias: str) -> str:
    """Show a plan and ask; return its id. Raises BadRequest for a no, and where nobody answers."""
    import sys

    from towpath.cli import terminal
    from towpath.cli.promotions import plan

    made = (
        client.plan(project, stage, alias=alias)
        if alias
        else plan.made(client, project, stage, freight)
    )
    for line in plan.lines(made, client, project):
        terminal.say(line, err=True)
    named = str(made.get("id"))
    try:
        is_agreed = click.confirm("Promote?", err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise BadRequest(
            f"nobody can be asked here: promote it with --plan-id {terminal.visible(named)} in the place of --plan"
        ) from None
    if not is_agreed:
        raise BadRequest(DECLINED)
    return named


def _by_name_or_alias(promote: Callable[..., Made], freight: str, alias: str) -> Made:
    """Promote Freight by what --freight says, a name or an alias, or by what --freight-alias says."""
    from towpath.errors import Forbidden, NotFound

    if alias:
        return promote(freight="", alias=alias)
    try:
        return promote(freight=freight, alias="")
    except NotFound as error:
        try:
            return promote(freight="", alias=freight)
        except Forbidden:  # whoever may not list aliases has named it by name
            raise error from None


def _abort(client: Client, project: str, name: str) -> None:
    """Ask for the end of a Promotion. Raises Conflict for one that has ended, which Kargo takes for done."""
    from towpath.cli import exit_codes, terminal
    from towpath.cli.promotions import progress
    from towpath.errors import Conflict

    promotion = client.get("promotions", project, name)
    if progress.has_ended(promotion):
        said = (
            f"promotion.kargo.akuity.io/{name} has ended already, so there is nothing to abort: "
            f"{progress.verdict(promotion)}"
        )
        if exit_codes.are_kargos():
            terminal.tell(said)
            return
        raise Conflict(said)
    client.abort(project, name)
    terminal.tell(f"promotion.kargo.akuity.io/{name} aborted")
