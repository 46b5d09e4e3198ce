"""`towpath revoke`."""

from __future__ import annotations

from typing import Any

import click

from towpath.cli.kept.granting import with_grant


@click.command("revoke")
@with_grant
def command(**given: Any) -> None:
    """Take a role from users, or a right from a role. What was not granted is no error.

    \b
    Examples:
      towpath revoke -p sandbox-example --role deployers --claim groups=deployers
      towpath revoke -p sandbox-example --role deployers --resource-type stages --verb promote --resource-name prod
    """
    from towpath.cli.kept import granting

    granting.run("revoke", **given)
