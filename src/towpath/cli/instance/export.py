"""`towpath export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from towpath.cli.options import FILE, duration, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client
    from towpath.sdk.transfers import Transfers


@click.command("export")
@click.argument("what", metavar="project", type=click.Choice(["project"]))
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--for",
    "key_file",
    type=FILE,
    help="File with the key that `towpath import --request` printed on the other side.",
)
@click.option("--passphrase-file", type=FILE, help="Seal Secrets with a passphrase instead.")
@click.option("--reason", default="", help="Why; whoever is refused meanwhile is told.")
@click.option(
    "--timeout",
    default="10m",
    show_default=True,
    callback=lambda _, __, text: duration(text),
    help="How long to wait for what is under way.",
)
@click.option(
    "--release", "is_release", is_flag=True, help="End the freeze: the Project stays here."
)
@click.option(
    "--remove", "is_removal", is_flag=True, help="Delete the Project, which is elsewhere now."
)
@with_server
def command(
    what: str,
    name: str,
    file: Path | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    reason: str,
    timeout: float,
    *,
    is_release: bool,
    is_removal: bool,
    connect: Callable[[], Client],
) -> None:
    """Take a Project out into FILE, for `towpath import` on another server.

    The Project is frozen first: no Promotion begins, and nobody changes anything in it. What is under way is waited for. It
    stays frozen until --release, or --remove once it was imported elsewhere. The same command again makes the archive anew.

    \b
    Examples:
      towpath export project shop shop.towpath --for eu.key
      towpath export project shop --remove
      towpath export project shop --release
    """
    del what
    from towpath.cli import terminal

    if is_release and is_removal:
        raise BadRequest("--release and --remove exclude one another")
    if is_release or is_removal:
        if file is not None:
            raise BadRequest("--release and --remove take no FILE")
        transfers = connect().transfers
        if is_release:
            transfers.release(name)
            terminal.say(f"Project {name} is released: it goes on here")
        else:
            transfers.remove(name)
            terminal.say(f"Project {name} is being removed; its history stays")
        return
    if file is None:
        raise BadRequest("name the FILE that the archive is to be written to")
    from towpath.local import transfer

    key, salt = transfer.recipient(key_file, passphrase_file)
    transfers = connect().transfers
    _freeze(transfers, name, reason, timeout)
    objects, past = transfers.export(name, file, key, salt)
    terminal.say(f"{file}: {objects:,} objects and {past:,} records of history of Project {name}")
    terminal.tell(
        f"Project {name} stays frozen. Once it is imported: towpath export project {name} --remove; to keep it here: "
        f"towpath export project {name} --release"
    )


def _freeze(transfers: Transfers, name: str, reason: str, timeout: float) -> None:
    """Freeze a Project, and return once nothing is under way in it. Raises Timeout."""
    from towpath.cli import terminal
    from towpath.cli.waiting import Deadline
    from towpath.errors import Timeout
    from towpath.messages import first

    deadline = Deadline(timeout)
    running = transfers.freeze(name, reason)["underWay"]
    if running:
        terminal.tell(f"Project {name} is frozen; waiting for: {first(running, 5)}")
    while running:
        if deadline.remaining() <= 0:
            raise Timeout(
                f"Project {name}: {first(running, 5)} after {timeout:g} s. It stays frozen: run the command again, or release it with "
                f"`towpath export project {name} --release`, abort what runs, and begin anew"
            )
        deadline.sleep(1.0)
        running = transfers.frozen(name)["underWay"]
