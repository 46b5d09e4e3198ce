"""`towpath admin`: the administrator's password, and the end of all sign-ins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from towpath.cli.options import FOLDER

if TYPE_CHECKING:
    from pathlib import Path


@click.group("admin")
def command() -> None:
    """Set the administrator's password, and end sign-ins, in a data directory. A server that runs heeds it at once.

    \b
    Examples:
      towpath admin password --data ./towpath-data
      towpath admin sign-out-everyone --data ./towpath-data
    """


@command.command("password")
@click.option(
    "--data",
    type=FOLDER,
    help="Data directory whose password is set. Without it the hash is printed, for adminAccount.passwordHash.",
)
@click.option("--generate", is_flag=True, help="Make a random one, and print it.")
def password(data: Path | None, *, generate: bool) -> None:
    """Set the administrator's password, or print its hash for the operator's configuration.

    It is asked for, or read from standard input where that is no terminal: its first line.

    \b
    Examples:
      towpath admin password --data ./towpath-data
      towpath admin password --data ./towpath-data --generate
      printf '%s' "$PASSWORD" | towpath admin password
    """
    from towpath.app import admin_files

    if data is not None:
        admin_files.require_data_directory(data)
    chosen = admin_files.new_password() if generate else _asked()
    if generate:
        click.echo(f"password: {chosen}", err=data is None)
    if data is None:
        click.echo(admin_files.hashed(chosen))
        return
    admin_files.set_password(data, chosen)
    click.echo(
        f"{data}: the administrator's password is set; whoever had signed in as admin signs in again"
    )


@command.command("sign-out-everyone")
@click.option("--data", type=FOLDER, required=True, help="Data directory.")
def sign_out_everyone(data: Path) -> None:
    """End every sign-in: of the administrator, and of all sessions of the web UI.

    Tokens of ServiceAccounts, API tokens, personal tokens and those of an identity provider go on.

    \b
    Example:
      towpath admin sign-out-everyone --data ./towpath-data
    """
    from towpath.app import admin_files

    admin_files.sign_out_everyone(data)
    click.echo(f"{data}: everybody signs in again")


def _asked() -> str:
    """Return the password that somebody types twice, or that comes on standard input. Raises BadRequest."""
    from towpath.app import admin_files

    if sys.stdin.isatty():
        found = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        found = sys.stdin.readline().rstrip("\r\n")
    admin_files.check(found)
    return found
