"""`towpath retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import needed, output, some, with_project, with_server, with_timeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("retry")
@click.argument("name", metavar="PROMOTION")
@with_project
@click.option(
    "--from-step",
    metavar="ALIAS",
    help="The first step to run; what those before it put out is taken over. The one that failed if not given.",
)
@with_timeout
@output("text", "json", "yaml", "name", default="text")
@with_server
def command(
    name: str,
    project: str | None,
    from_step: str | None,
    wait: bool,
    timeout: float | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Try a Promotion that did not succeed again, from the step that failed.

    A new Promotion is made, of the same Stage, Freight and steps. Steps before the one it begins at are not run: what they
    put out is taken from the earlier one. Where that is not sound, because later steps need files that are gone, a
    secret value was put out, or another Promotion has begun since, --from-step is refused with the reason; without it
    the new Promotion begins at the first step, and says why. Exit codes as of promote.

    \b
    Examples:
      towpath retry prod.01j0000000000000000000000.47b33c0 --project sandbox-example --wait
      towpath retry prod.01j0000000000000000000000.47b33c0 --project sandbox-example --from-step notify
    """
    from towpath.cli import terminal
    from towpath.cli.kinds import kinds
    from towpath.cli.promotions.following import Report
    from towpath.cli.waiting import Deadline
    from towpath.resources.annotations import RETRY_FROM, RETRY_NOTE

    seconds, where = some(timeout, wait=wait), needed(project)
    client = connect()
    promotion = client.retry(where, kinds.bare(name, "Promotion") or "", from_step or "")
    told = kinds.at("metadata", "annotations", RETRY_FROM)(promotion)
    note = kinds.at("metadata", "annotations", RETRY_NOTE)(promotion)
    terminal.say(f"it begins at step {told}" + (f": {note}" if note else ""), err=form != "text")
    return Report(client, where, form).run([promotion], Deadline(seconds) if wait else None)
