"""`towpath delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, needed, printed, with_files, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("delete")
@click.argument("kind", required=False, shell_complete=completing("kinds"))
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing("names"))
@with_project
@click.option("--name", "by_name", multiple=True, metavar="NAME", help="freight: by name.")
@click.option(
    "--alias",
    multiple=True,
    metavar="ALIAS",
    help="freight: by alias.",
    shell_complete=completing("aliases"),
)
@click.option("--shared", is_flag=True, help="configmaps, credentials: those of all Projects.")
@click.option(
    "--system", is_flag=True, help="tokens, configmaps, generic-credentials: those of the system."
)
@with_files
@printed("text", default="text")
@with_server
def command(
    kind: str | None,
    names: tuple[str, ...],
    project: str | None,
    by_name: tuple[str, ...],
    alias: tuple[str, ...],
    shared: bool,
    system: bool,
    filename: tuple[str, ...],
    recursive: bool,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Delete objects by KIND and name, or those that manifests name.

    Kinds are those of `towpath get`, but for promotions and events. Deleting a Project deletes all that is in it; deleting a
    token revokes it.

    \b
    Examples:
      towpath delete stage prod --project sandbox-example
      towpath delete freight --alias fearless-fox --project sandbox-example
      towpath delete token ci --project sandbox-example
      towpath delete repo-credentials images --shared
      towpath delete project sandbox-example
      towpath delete -f examples/two-environments/
    """
    if kind is None:
        return _by_files(filename, recursive, project, form, connect)
    if filename:
        raise BadRequest("delete: give either --filename, or a kind and names")
    wanted = (*names, *by_name, *alias)
    if by_name or alias:
        from towpath.cli.kinds import kinds

        if kinds.named(kinds.split(kind, ())[0]).name != "Freight":
            raise BadRequest("delete: --name and --alias are for freight only")
    return _by_names(kind, wanted, project, form, connect, shared=shared, system=system)


def _by_files(
    filename: tuple[str, ...],
    recursive: bool,
    project: str | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    from towpath.cli.manifests import files, namespaces, sending

    sources = namespaces.filled(files.read(filename, recursive=recursive), project)
    return sending.send(sources[::-1], connect().delete_all, form)


def _by_names(
    word: str,
    names: tuple[str, ...],
    project: str | None,
    form: str,
    connect: Callable[[], Client],
    *,
    shared: bool,
    system: bool,
) -> int:
    from towpath.cli import terminal
    from towpath.cli.forms import printed_form, printing
    from towpath.cli.kept import kept_place
    from towpath.cli.kinds import kinds
    from towpath.sdk.refusals import REFUSALS

    word, names = kinds.split(word, names)
    kind = kinds.named(word)
    if not kind.can_delete:
        raise BadRequest(f"delete: {kinds.usual(kind)} are not deleted by name; use --filename")
    if (shared or system) and not kind.collection:
        raise BadRequest(
            "delete: --shared and --system are for tokens, configmaps and credentials only"
        )
    if kind.is_single == bool(names):
        raise BadRequest(
            f"delete {word}: there is one, it takes no name"
            if names
            else f"delete {word}: name what to delete"
        )
    if kind.collection:
        place = kept_place.of_kind(kind, project, shared=shared, system=system)
        where = place.project
        delete: Callable[[str], None] = connect().kept(kind.collection, place).delete
    else:
        where = needed(project) if kind.in_project else ""
        client = connect()

        def delete(name: str) -> None:
            client.delete(kind.plural, where, name)

    refused, gone = 0, []
    for name in names or ("",):
        shown = name or where or "cluster"
        try:
            delete(name)
        except REFUSALS as error:
            refused += 1
            terminal.say(f"towpath: {error}", err=True)
            continue
        metadata = {"name": shown, **({"namespace": where} if where else {})}
        gone.append((kind, {"metadata": metadata}))
        if form == "name":
            terminal.say(f"{kind.printed}/{shown}")
        elif form == "text":
            terminal.tell(f"{kind.printed}/{shown} deleted")
    if gone and printed_form.is_document(form):
        printing.show_documents(gone, form, bare=len(names) <= 1)
    return 1 if refused else 0
