"""`towpath get`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import completing, needed, printed, with_project, with_server, with_table
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.forms.printing import Look
    from towpath.cli.kinds.kinds import NamedKind
    from towpath.resources.document import Document
    from towpath.sdk.client import Client


@click.command("get")
@click.argument("kind", shell_complete=completing("kinds"))
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing("names"))
@with_project
@click.option(
    "--stage",
    metavar="NAME",
    help="promotions, debt: only those to this Stage.",
    shell_complete=completing("stages"),
)
@click.option("--name", "by_name", multiple=True, metavar="NAME", help="freight: by name.")
@click.option(
    "--alias",
    multiple=True,
    metavar="ALIAS",
    help="freight: by alias.",
    shell_complete=completing("aliases"),
)
@click.option(
    "--warehouse",
    "--origin",
    "warehouse",
    multiple=True,
    metavar="NAME",
    help="freight: only what comes from this Warehouse; may be given several times.",
    shell_complete=completing("warehouses"),
)
@click.option("--role", metavar="NAME", help="tokens: only those of this role.")
@click.option("--shared", is_flag=True, help="configmaps, credentials: those of all Projects.")
@click.option(
    "--system",
    is_flag=True,
    help="roles, tokens, configmaps, generic-credentials: those of the system.",
)
@click.option(
    "--as-kubernetes-resources",
    "as_resources",
    is_flag=True,
    help="roles: the ServiceAccount, Roles and RoleBindings that make them.",
)
@printed("table", "wide", default="table")
@with_table
@with_server
def command(
    kind: str,
    names: tuple[str, ...],
    project: str | None,
    stage: str | None,
    by_name: tuple[str, ...],
    alias: tuple[str, ...],
    warehouse: tuple[str, ...],
    role: str | None,
    shared: bool,
    system: bool,
    as_resources: bool,
    form: str,
    look: Look,
    connect: Callable[[], Client],
) -> int:
    """Show objects of a KIND: all of a Project, or those named.

    Kinds: projects, projectconfig, clusterconfig, stages, warehouses, freight, promotions (promos), promotiontasks (tasks),
    clusterpromotiontasks, argocdconnections, analysistemplates, clusteranalysistemplates, analysisruns, stagehooks (hooks),
    hookruns, channels, clusterchannels, routers, messages, events, roles, tokens, configmaps (cm), repo-credentials,
    generic-credentials, secrets (masked), serviceaccounts, rbacroles, rolebindings; singular or plural, several with commas between them. One object that is asked for by name is printed by
    itself, several as a List. `argocd` shows how the connections to Argo CD fare, `debt` which Freight was in a Stage without a
    verdict and why (-o wide: what became of all). On a terminal a table is as wide as that; -o wide and --no-trunc show all of it.

    \b
    Examples:
      towpath get projects
      towpath get stages,warehouses --project sandbox-example
      towpath get freight --project sandbox-example --warehouse example-container
      towpath get promotions --project sandbox-example --stage prod -o wide
      towpath get stage/prod warehouse/example-container --project sandbox-example
      towpath get stage prod --project sandbox-example -o yaml
      towpath get analysisruns,hookruns,messages --project sandbox-example
      towpath get freight --project sandbox-example -o jsonpath='{range .items[*]}{.alias}{"\\n"}{end}'
      towpath get tokens --project sandbox-example --role ci
      towpath get repo-credentials --shared
      towpath get argocd
      towpath get debt --project sandbox-example --stage preprod
    """
    from towpath.cli.forms import printed_form, printing
    from towpath.cli.kept import getting_kept, kept_place
    from towpath.cli.kinds import kinds
    from towpath.cli.objects import argocd, debt

    word, named = kinds.split(kind, names)
    if word.lower() == argocd.WORD:
        if stage or by_name or alias or warehouse:
            raise BadRequest("get argocd: it takes names, and no selection of other kinds")
        return argocd.show(connect(), named, form, look)

    if word.lower() == debt.WORD:
        if named or by_name or alias or warehouse:
            raise BadRequest("get debt: it takes --stage, and no names or selection of other kinds")
        return debt.show(connect(), needed(project), stage or "", form, look)

    asked = kinds.asked(kind, names)
    for found, _ in asked:
        _refuse_strangers(
            found,
            stage=stage,
            freight=bool(by_name or alias or warehouse),
            role=role,
            is_placed=shared or system,
            as_resources=as_resources,
        )
    is_elsewhere = shared or system
    where = (
        needed(project) if any(found.in_project for found, _ in asked) and not is_elsewhere else ""
    )
    selected = {"stage": stage, "origins": list(warehouse) or None}
    client, missing = connect(), 0
    told: list[tuple[NamedKind, list[Document]]] = []
    is_one = len(asked) == 1
    for found, some in asked:
        wanted = (*some, *by_name, *alias)
        if wanted and (stage or warehouse):
            raise BadRequest(
                "get: name objects, or select them by --stage or --warehouse; not both"
            )
        within = where if found.in_project else ""
        if found.collection:
            place = kept_place.of_kind(found, project, shared=shared, system=system)
            documents, lost = getting_kept.found(
                client.kept(found.collection, place), some, role=role, as_resources=as_resources
            )
            missing += lost
            is_one = is_one and len(some) == 1
        elif found.is_single and not wanted:
            documents = [client.get(found.plural, within, "")]
        elif wanted:
            documents, lost = _by_name(client, found, within, wanted)
            missing += lost
            is_one = is_one and len(wanted) == 1
        else:
            documents = client.objects(found.plural, within, selected)
            is_one = False
            if not documents and not found.is_own:
                _check(client, within)
        told.append((getting_kept.RESOURCES if as_resources else found, documents))
    if missing and not any(documents for _, documents in told):
        return 1
    if printed_form.is_document(form):
        every = [(found, document) for found, documents in told for document in documents]
        is_one = is_one or (len(asked) == 1 and asked[0][0].is_single)
        printing.show_documents(every, form, bare=is_one)
    else:
        _show(client, where, told, form, look)
    return 1 if missing else 0


def _by_name(
    client: Client, kind: NamedKind, project: str, names: tuple[str, ...]
) -> tuple[list[Document], int]:
    """Return objects by name, and of how many there is none, which is said."""
    from towpath.cli import terminal
    from towpath.errors import NotFound

    if kind.is_single:
        raise BadRequest(f"get {kind.words[0]}: there is one in a Project, it takes no name")
    documents, missing = [], 0
    for name in names:
        try:
            documents.append(client.get(kind.plural, project, name))
        except NotFound as error:
            missing += 1
            instead = "" if kind.is_own else _instead(client, kind, project, name)
            terminal.say(f"towpath: {error}{instead}", err=True)
    return documents, missing


def _instead(client: Client, kind: NamedKind, project: str, name: str) -> str:
    """Return what there is of a kind of which the Kubernetes API says no more than that one is missing."""
    from towpath import messages
    from towpath.cli.forms import printing
    from towpath.errors import Forbidden

    try:
        _check(client, project)
        there = [printing.name_of(item) for item in client.objects(kind.plural, project)]
    except Forbidden:
        return ""
    where = f" in Project {project}" if project else ""
    return f"{where}; {messages.instead(name, there)}"


def _check(client: Client, project: str) -> None:
    """Raise NotFound for a Project that does not exist: the Kubernetes API says nothing of that."""
    from towpath.errors import Forbidden

    if project and not project.startswith("kargo-"):  # namespaces of the system are no Projects
        try:
            client.get("projects", "", project)
        except Forbidden:
            return


def _show(
    client: Client,
    project: str,
    told: list[tuple[NamedKind, list[Document]]],
    form: str,
    look: Look,
) -> None:
    from datetime import UTC, datetime

    from towpath.cli.forms import printing
    from towpath.cli.kinds import contents
    from towpath.cli.kinds.columns import Around

    is_table = form in ("table", "wide")
    if len(told) > 1:
        told = [each for each in told if each[1]] or told[:1]
    for number, (kind, documents) in enumerate(told):
        if number and is_table:
            click.echo()
        freight: Any = {}
        if is_table and kind.freight is not None:
            references = [each for document in documents for each in kind.freight(document)]
            names = [str(each.get("name") or "") for each in references]
            freight = contents.known(client, project, names)
        around = Around(now=datetime.now(UTC), freight=freight)
        printing.show(kind, documents, form, bare=True, look=look, around=around)


def _refuse_strangers(
    kind: NamedKind,
    *,
    stage: str | None,
    freight: bool,
    role: str | None,
    is_placed: bool,
    as_resources: bool,
) -> None:
    if role is not None and kind.collection != "api-tokens":
        raise BadRequest("get: --role selects tokens only")
    if is_placed and not kind.collection:
        raise BadRequest(
            "get: --shared and --system are for roles, tokens, configmaps and credentials only"
        )
    if as_resources and kind.collection != "roles":
        raise BadRequest("get: --as-kubernetes-resources is for roles only")
    if stage is not None and kind.name != "Promotion":
        raise BadRequest("get: --stage selects promotions only")
    if freight and kind.name != "Freight":
        raise BadRequest("get: --name, --alias and --warehouse select freight only")
