"""`towpath delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import needed, with_files, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("delete")
@click.argument("kind", required=False)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_project
@click.option("--name", "by_name", multiple=True, metavar="NAME", help="freight: by name.")
@click.option("--alias", multiple=True, metavar="ALIAS", help="freight: by alias.")
@with_files
@with_server
def command(
    kind: str | None,
    names: tuple[str, ...],
    project: str | None,
    by_name: tuple[str, ...],
    alias: tuple[str, ...],
    filename: tuple[str, ...],
    recursive: bool,
    connect: Callable[[], Client],
) -> int:
    """Delete objects by KIND and name, or those that manifests name.

    Kinds: projects, projectconfig, stages, warehouses, freight. Deleting a Project deletes all that is in it.

    \b
    Examples:
      towpath delete stage prod --project sandbox-example
      towpath delete freight --alias fearless-fox --project sandbox-example
      towpath delete project sandbox-example
      towpath delete -f examples/two-environments/
    """
    if kind is None:
        return _by_files(filename, recursive, project, connect)
    if filename:
        raise BadRequest("delete: give either --filename, or a kind and names")
    return _by_names(kind, (*names, *by_name, *alias), project, bool(by_name or alias), connect)


def _by_files(
    filename: tuple[str, ...], recursive: bool, project: str | None, connect: Callable[[], Client]
) -> int:
    from towpath.cli import files, namespaces, sending

    sources = namespaces.filled(files.read(filename, recursive=recursive), project)
    return sending.send(sources[::-1], connect().delete_all, "text")


def _by_names(
    word: str,
    names: tuple[str, ...],
    project: str | None,
    as_freight: bool,
    connect: Callable[[], Client],
) -> int:
    from towpath.cli import kinds, terminal
    from towpath.sdk.client import REFUSALS

    word, names = kinds.split(word, names)
    kind = kinds.named(word)
    if not kind.can_delete:
        raise BadRequest(f"delete: {kinds.usual(kind)} are not deleted by name; use --filename")
    if as_freight and kind.name != "Freight":
        raise BadRequest("delete: --name and --alias are for freight only")
    if kind.is_single == bool(names):
        raise BadRequest(
            f"delete {word}: there is one in a Project, it takes no name"
            if names
            else f"delete {word}: name what to delete"
        )
    where = needed(project) if kind.in_project else ""
    client = connect()
    refused = 0
    for name in names or ("",):
        try:
            client.delete(kind.plural, where, name)
            terminal.say(f"{kind.printed}/{name or where} deleted")
        except REFUSALS as error:
            refused += 1
            terminal.say(f"towpath: {error}", err=True)
    return 1 if refused else 0
