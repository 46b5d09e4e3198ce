"""`towpath promote`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import click

from towpath.cli.options import (
    INTERRUPTED,
    needed,
    output,
    some,
    with_project,
    with_server,
    with_timeout,
)
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from towpath.cli.waiting import Deadline
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

Made = TypeVar("Made")

_REFUSED: Final = 1
_NOT_SUCCESSFUL: Final = 2
_TIMED_OUT: Final = 3


@click.command("promote")
@with_project
@click.option("--stage", metavar="NAME", help="The Stage to promote to.")
@click.option(
    "--downstream-from",
    metavar="STAGE",
    help="Promote to every Stage right after this one instead.",
)
@click.option("--freight", metavar="NAME|ALIAS", help="The Freight, by name or alias.")
@click.option("--freight-alias", metavar="ALIAS", help="The Freight, by alias.")
@click.option(
    "--warehouse",
    metavar="NAME",
    help="The newest available Freight of this Warehouse; auto-promotion goes on from there.",
)
@click.option("--origin", metavar="KIND/NAME", help="The same, such as Warehouse/NAME.")
@click.option("--plan", "shows_plan", is_flag=True, help="Show what would happen, and ask.")
@click.option("--plan-id", metavar="ID", help="Promote what this plan says, unless it is outdated.")
@click.option("--abort", is_flag=True, help="End the Promotion that --name names.")
@click.option("--name", metavar="NAME", help="The Promotion to --abort.")
@with_timeout
@output("text", "json", "yaml", "name", default="text")
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
    from towpath.cli import kinds, terminal
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
        return _Report(planned, where, form).run(made, Deadline(seconds) if wait else None)
    if shows_plan:
        if not stage or downstream_from or origin or warehouse:
            raise BadRequest("promote: --plan goes with --stage, and --freight or --freight-alias")
        planned = connect()
        plan = _confirmed(planned, where, stage, freight or "", freight_alias or "")
        made = [planned.promote_planned(where, plan)]
        return _Report(planned, where, form).run(made, Deadline(seconds) if wait else None)
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
    code = _Report(client, where, form).run(made, Deadline(seconds) if wait else None)
    if error:
        terminal.say(f"towpath: {error}", err=True)
    return _REFUSED if error else code


def _confirmed(client: Client, project: str, stage: str, freight: str, alias: str) -> str:
    """Show a plan and ask; return its id. Raises Abort for a no."""
    from towpath.cli import plan, terminal

    made = (
        client.plan(project, stage, alias=alias)
        if alias
        else plan.made(client, project, stage, freight)
    )
    for line in plan.lines(made, client, project):
        terminal.say(line, err=True)
    click.confirm("Promote?", abort=True, err=True)
    return str(made.get("id"))


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
    """Ask for the end of a Promotion. Raises Conflict for one that has ended."""
    from towpath.cli import progress, terminal
    from towpath.errors import Conflict

    promotion = client.get("promotions", project, name)
    if progress.has_ended(promotion):
        raise Conflict(
            f"promotion.kargo.akuity.io/{name} has ended already, so there is nothing to abort: "
            f"{progress.verdict(promotion)}"
        )
    client.abort(project, name)
    terminal.say(f"promotion.kargo.akuity.io/{name} aborted")


class _Report:
    """Tells of Promotions: that they were made, how they go, how they end."""

    def __init__(self, client: Client, project: str, form: str) -> None:
        self._client = client
        self._project = project
        self._form = form

    def run(self, made: list[Document], deadline: Deadline | None) -> int:
        """Tell of Promotions, to their ends if there is a deadline. Returns the exit code."""
        from towpath.cli import kinds, printing

        for promotion in made:
            self._say(f"{_printed(promotion)} created")
        code, seen = 0, []
        for place, promotion in enumerate(made):
            try:
                ended, found = (
                    (0, promotion) if deadline is None else self._wait(promotion, deadline)
                )
            except KeyboardInterrupt:
                return self._interrupted(made[place:])
            # one that failed is certain, one that takes long is not
            code = _NOT_SUCCESSFUL if _NOT_SUCCESSFUL in (code, ended) else max(code, ended)
            seen.append(found)
        if self._form != "text":
            printing.show(kinds.named("promotions"), seen, self._form, bare=True)
        return code

    def _wait(self, promotion: Document, deadline: Deadline) -> tuple[int, Document]:
        from towpath.cli import printing, progress, terminal, waiting

        name, last = printing.name_of(promotion), promotion
        is_first = True

        def is_done(state: Document) -> bool:
            nonlocal last, is_first
            for line in progress.news(None if is_first else last, state):
                self._say(f"{name}: {line}")
            last, is_first = state, False
            return progress.has_ended(state)

        ended = waiting.until(
            lambda remaining: self._client.watch(
                "promotions", self._project, name, remaining=remaining
            ),
            is_done,
            deadline,
            _printed(promotion),
        )
        if ended is None:
            terminal.say(
                f"towpath: timed out: {name} is {progress.phase(last)} and goes on; what it waits for: "
                f"towpath explain promotion/{name} -p {self._project}",
                err=True,
            )
            return _TIMED_OUT, last
        self._say(f"{name}: {progress.verdict(ended)}")
        return (0 if progress.phase(ended) == progress.SUCCEEDED else _NOT_SUCCESSFUL), ended

    def _interrupted(self, left: Sequence[Document]) -> int:
        """Tell that what was begun goes on, and how to come back to it or to end it."""
        from towpath.cli import printing, terminal

        for promotion in left:
            name = printing.name_of(promotion)
            terminal.say(
                f"towpath: interrupted: Promotion {name} goes on; come back to it with: "
                f"towpath logs {name} -p {self._project} --follow; end it with: "
                f"towpath promote -p {self._project} --abort --name {name}",
                err=True,
            )
        return INTERRUPTED

    def _say(self, line: str) -> None:
        """Tell on standard output, or on the other one if that is for documents."""
        from towpath.cli import terminal

        terminal.say(line, err=self._form != "text")


def _printed(promotion: Document) -> str:
    from towpath.cli import printing

    return f"promotion.kargo.akuity.io/{printing.name_of(promotion)}"
