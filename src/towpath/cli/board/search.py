"""`towpath search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import output, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("search")
@click.argument("text", metavar="TEXT")
@output("text", "json", "yaml", default="text")
@with_server
def command(text: str, form: str, connect: Callable[[], Client]) -> None:
    """Find Projects, Stages, Freight and people by how they begin.

    Freight is found by name, alias, tag, version, digest, commit, and issues that its commits name.

    \b
    Examples:
      towpath search fearless
      towpath search 1.4.2
      towpath search SHOP-17 -o json
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing
    from towpath.cli.terminal import plain
    from towpath.resources.document import documents

    found = connect().search(text)
    if form != "text":
        printing.show_value(found, form)
        return
    hits = documents(found, "hits")
    for hit in hits:
        name, project = plain(hit.get("name")), plain(hit.get("project"))
        told = [plain(hit.get(key)) for key in ("alias", "version", "term")]
        place = f"-p {project}  " if project and hit.get("kind") != "project" else ""
        line = f"{plain(hit.get('kind'))}/{name}  {place}{'  '.join(filter(None, told))}"
        terminal.say(line.rstrip())
    if found.get("more"):
        terminal.say("There is more; give more of the word.", err=True)
    if not hits:
        terminal.say(f"towpath: nothing begins as {text!r} that you may see", err=True)
