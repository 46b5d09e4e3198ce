"""`towpath grant`."""

from __future__ import annotations

from typing import Any

import click

from towpath.cli.kept.granting import with_grant


@click.command("grant")
@with_grant
def command(**given: Any) -> None:
    """Give a role to users, or let a role do something. As many times as you like: what is granted already stays.

    \b
    Examples:
      towpath grant -p sandbox-example --role deployers --claim groups=deployers
      towpath grant -p sandbox-example --role deployers --resource-type stages --verb promote --resource-name prod
    """
    from towpath.cli.kept import granting

    granting.run("grant", **given)
