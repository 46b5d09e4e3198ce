"""What `towpath hold` and `towpath resume` have in common: the Stages, and of which Warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, output, with_project, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

_UNTIL = click.Option(
    ["--until"],
    metavar="TIME|DURATION",
    help="When the hold ends by itself, such as 2026-01-31T18:00:00Z or 4h; when somebody ends it if not given.",
)


def holding(kind: str, said: str) -> click.Command:
    """Return the command that moves Stages in this way, `hold` or `resume`. `said`: its help."""

    @click.command(kind, help=said)
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
        until: str | None = None,
    ) -> int:
        from towpath.cli import moving

        where, names = needed(project), moving.stages_of(stages, kind)
        _, code = moving.move(
            connect(),
            where,
            kind,
            names,
            form,
            origin=origin or "",
            reason=reason or "",
            until=until or "",
        )
        return code

    if kind == "hold":
        command.params.append(_UNTIL)
    return command
