"""`towpath doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.contexts.wanted_server import WantedServer
from towpath.cli.environment import environment
from towpath.cli.options import FOLDER, connect, output, with_address, with_project
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from towpath.resources.finding import Finding

_ILL = 1


@click.command("doctor")
@with_project
@click.option("--offline", is_flag=True, help="Look at a data directory of this machine instead.")
@click.option("--data", type=FOLDER, help="With --offline: the data directory.")
@output("text", "json", "yaml", default="text")
@with_address
def command(
    project: str | None,
    offline: bool,
    data: Path | None,
    form: str,
    server: str | None,
    token_file: Path | None,
    context: str | None,
    insecure: bool,
) -> int:
    """Say what is ill, and what to do about it; the exit code is 1 if something is.

    Of a server: whether it answers, its version and clock, who you are, connections to Argo CD, Warehouses with the credentials of
    their repositories, channels, Stages and receivers of webhooks, of the Project or of all. With --offline, of a data directory: who can read it, room
    on the disk, the key file, whether the database is whole and every Secret opens, git and helm. Nothing is changed.

    \b
    Examples:
      towpath doctor
      towpath doctor -p sandbox-example -o json
      towpath doctor --offline --data ./towpath-data
    """
    if offline != (data is not None):
        raise BadRequest("doctor: --offline goes with --data DIR, the data directory of a server")
    if data is not None:
        from towpath.local import examining

        return _told(examining.examined(data, environment().key_file), form)
    from towpath.cli.instance import diagnosis

    asked = WantedServer(server=server, context=context, token_file=token_file, insecure=insecure)
    return _told(diagnosis.diagnosed(connect(asked), [project] if project else []), form)


def _told(findings: Iterable[Finding], form: str) -> int:
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    ill, items = 0, []
    for each in findings:
        ill += each.wellness == "ill"
        if form == "text":
            terminal.say(
                f"{each.wellness:<8} {terminal.visible(each.what)}: {terminal.visible(each.said)}"
            )
            if each.remedy:
                terminal.say(f"{'':<8}   {terminal.visible(each.remedy)}")
        else:
            items.append(
                {
                    "what": each.what,
                    "is": each.wellness.value,
                    "said": each.said,
                    "remedy": each.remedy,
                }
            )
    if form != "text":
        printing.show_value({"items": items, "ill": ill}, form)
    elif not ill:
        terminal.tell("Nothing is ill.")
    return _ILL if ill else 0
