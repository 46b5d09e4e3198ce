"""`towpath quarantine`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("quarantine")
@with_project
@click.argument("freight", metavar="FREIGHT", shell_complete=completing("aliases"))
@click.option("--reason", metavar="TEXT", help="Why; whoever wants to promote it is told.")
@click.option("--release", is_flag=True, help="End the quarantine.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    project: str | None,
    freight: str,
    reason: str | None,
    release: bool,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Keep Freight, by name or alias, from being promoted to any Stage, by anybody, until it is released.

    Where it is already it stays: `towpath rollback` puts something else there.

    \b
    Examples:
      towpath quarantine -p sandbox-example fearless-fox --reason "CVE-2026-1234"
      towpath quarantine -p sandbox-example fearless-fox --release
    """
    from towpath.cli.kinds import kinds
    from towpath.cli.moves import moving

    where, name = needed(project), kinds.bare(freight, "Freight") or ""
    if not release and not (reason or "").strip():
        raise BadRequest("quarantine: say why, with --reason")
    kind = "release" if release else "quarantine"
    _, code = moving.move(connect(), where, kind, (), form, freight=name, reason=reason or "")
    return code
