"""What `towpath hold` and `towpath resume` have in common: the Stages, and of which Warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

_UNTIL = click.Option(
    ["--until"],
    metavar="TIME|DURATION",
    help="When the hold ends by itself, such as 2026-01-31T18:00:00Z or 4h; when somebody ends it if not given.",
)
_ALL = {
    "hold": "Stop the line: every Stage of the Project that you may hold, takes Freight by itself, and is not held yet.",
    "resume": 'Resume the line: every Stage that `hold --all`, or "Stop the line" in the web UI, holds.',
}


def holding(kind: str, said: str) -> click.Command:
    """Return the command that moves Stages in this way, `hold` or `resume`. `said`: its help."""

    @click.command(kind, help=said)
    @with_project
    @click.argument("stages", metavar="[STAGE...]", nargs=-1, shell_complete=completing("stages"))
    @click.option("--all", "is_all", is_flag=True, help=_ALL[kind])
    @click.option(
        "--origin",
        metavar="KIND/NAME",
        help="Of which Warehouse, such as Warehouse/NAME; of all if not given.",
    )
    @click.option("--reason", metavar="TEXT", help="Why; it is kept.")
    @click.option("--yes", "-y", is_flag=True, help="With --all: do not ask.")
    @output("text", "json", "yaml", default="text")
    @with_server
    def command(
        project: str | None,
        stages: tuple[str, ...],
        is_all: bool,
        origin: str | None,
        reason: str | None,
        yes: bool,
        form: str,
        connect: Callable[[], Client],
        until: str | None = None,
    ) -> int:
        from towpath.cli.moves import moving

        where, why, end = needed(project), reason or "", until or ""
        if is_all:
            if stages or origin:
                raise BadRequest(f"{kind}: --all is every Stage, whole; name none, and no --origin")
            return _whole_line(connect(), where, kind, form, why, end, is_agreed=yes)
        names = moving.stages_of(stages, kind)
        _, code = moving.move(
            *(connect(), where, kind, names, form), origin=origin or "", reason=why, until=end
        )
        return code

    if kind == "hold":
        command.params.append(_UNTIL)
    return command


def _whole_line(
    client: Client, project: str, kind: str, form: str, why: str, until: str, *, is_agreed: bool
) -> int:
    """Hold or resume the line of a Project, once somebody has seen what that is; return the exit code."""
    from towpath.cli import terminal
    from towpath.cli.moves import line, moving

    found = client.line(project)
    for each in line.lines(found, kind):
        terminal.say(each, err=True)
    if asked := line.question(found, kind):
        moving.confirmed(asked, is_agreed=is_agreed)
    answer = line.move(client, project, kind, found, reason=why, until=until)
    return moving.show(answer, form)
