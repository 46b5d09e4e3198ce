"""`towpath get`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kinds import Kind
    from towpath.sdk.client import Client


@click.command("get")
@click.argument("kind")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_project
@click.option("--stage", metavar="NAME", help="promotions: only those to this Stage.")
@click.option("--name", "by_name", multiple=True, metavar="NAME", help="freight: by name.")
@click.option("--alias", multiple=True, metavar="ALIAS", help="freight: by alias.")
@click.option(
    "--warehouse",
    "--origin",
    "warehouse",
    multiple=True,
    metavar="NAME",
    help="freight: only what comes from this Warehouse; may be given several times.",
)
@output("table", "json", "yaml", "name", default="table")
@click.option("--no-headers", is_flag=True, help="A table without its first line.")
@with_server
def command(
    kind: str,
    names: tuple[str, ...],
    project: str | None,
    stage: str | None,
    by_name: tuple[str, ...],
    alias: tuple[str, ...],
    warehouse: tuple[str, ...],
    form: str,
    no_headers: bool,
    connect: Callable[[], Client],
) -> int:
    """Show objects of a KIND: all of a Project, or those named.

    Kinds: projects, projectconfig, stages, warehouses, freight, promotions (promos), promotiontasks; singular
    or plural. One object that is asked for by name is printed by itself, several as a List.

    \b
    Examples:
      towpath get projects
      towpath get stages --project sandbox-example
      towpath get freight --project sandbox-example --warehouse example-container
      towpath get promotions --project sandbox-example --stage prod
      towpath get stage prod --project sandbox-example -o yaml
    """
    from towpath.cli import kinds, printing, terminal
    from towpath.errors import NotFound

    kind, names = kinds.split(kind, names)
    found = kinds.named(kind)
    _refuse_strangers(found, stage=stage, freight=bool(by_name or alias or warehouse))
    where = needed(project) if found.in_project else ""
    wanted = (*names, *by_name, *alias)
    if wanted and (stage or warehouse):
        raise BadRequest("get: name objects, or select them by --stage or --warehouse; not both")
    client = connect()
    if found.is_single:
        return _show(found, [client.get(found.plural, where, "")], form, no_headers)
    if not wanted:
        query: dict[str, Any] = {"stage": stage, "origins": list(warehouse) or None}
        listed = client.objects(found.plural, where, query)
        printing.show(found, listed, form, bare=False, headers=not no_headers)
        return 0
    documents, missing = [], 0
    for name in wanted:
        try:
            documents.append(client.get(found.plural, where, name))
        except NotFound as error:
            missing += 1
            terminal.say(f"towpath: {error}", err=True)
    if documents:
        printing.show(found, documents, form, bare=len(wanted) == 1, headers=not no_headers)
    return 1 if missing else 0


def _show(kind: Kind, documents: list[dict[str, Any]], form: str, no_headers: bool) -> int:
    from towpath.cli import printing

    printing.show(kind, documents, form, bare=True, headers=not no_headers)
    return 0


def _refuse_strangers(kind: Kind, *, stage: str | None, freight: bool) -> None:
    if stage is not None and kind.name != "Promotion":
        raise BadRequest("get: --stage selects promotions only")
    if freight and kind.name != "Freight":
        raise BadRequest("get: --name, --alias and --warehouse select freight only")
