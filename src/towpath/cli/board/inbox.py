"""`towpath inbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from towpath.cli.options import completing, output, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_WORDS: Final = {
    "failed": "failed, and you asked for it",
    "waits": "waits, and you asked for it",
    "hold": "held by you",
    "approve": "you may approve it",
}


@click.command("inbox")
@click.option(
    "--project",
    "-p",
    metavar="NAME",
    help="What waits in this Project; in all of them if not given.",
    shell_complete=completing("projects"),
)
@output("text", "json", "yaml", default="text")
@with_server
def command(project: str | None, form: str, connect: Callable[[], Client]) -> None:
    """Show what waits for you: Promotions of yours that failed or wait, your holds, Freight that you may approve.

    \b
    Examples:
      towpath inbox
      towpath inbox -p sandbox-example -o json
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    items = connect().inbox(project or "")
    if form != "text":
        printing.show_value({"items": items}, form)
        return
    for item in items:
        terminal.say(_line(item))
    if not items:
        terminal.tell("Nothing waits for you.")


def _line(item: Document) -> str:
    from towpath.cli.terminal import plain
    from towpath.resources import moments
    from towpath.resources.document import number

    kind = plain(item.get("kind"))
    said = f"-p {plain(item.get('project'))} stage/{plain(item.get('stage'))}: {_WORDS.get(kind, kind)}"
    if item.get("promotion"):
        said += f"  promotion/{plain(item['promotion'])}"
    elif item.get("freight"):
        said += f"  freight/{plain(item['freight'])}"
    if end := number(item.get("until")):
        said += f"  until {moments.whole_seconds(moments.of_seconds(end))}"
    return said + (f": {plain(item['msg'])}" if item.get("msg") else "")
