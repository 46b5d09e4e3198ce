"""What a shell offers while a command is typed: kinds, and names that the server is asked for, briefly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from click.shell_completion import CompletionItem, get_completion_class

from towpath.errors import BadRequest, TowpathError
from towpath.resources.labels import ALIAS_LABEL

if TYPE_CHECKING:
    import click

    from towpath.sdk.client import Client

_SECONDS: Final = 1.0
"""That the server may take: somebody waits at the keyboard."""
_MOST: Final = 200
_REFRESHABLE: Final = ("stage", "warehouse", "projectconfig", "clusterconfig")


def script(shell: str) -> str:
    """Return what a shell reads to complete the words of our commands."""
    from towpath.cli.main import towpath

    made = get_completion_class(shell)
    if made is None:
        raise BadRequest(f"completion: {shell} is no shell that is known")
    complete = made(towpath, {}, "towpath", "_TOWPATH_COMPLETE")
    return str(complete.source_template % complete.source_vars()).strip()


def words(what: str, context: click.Context, begun: str) -> list[CompletionItem]:
    """Return what may stand at a place and begins as the word that is typed; nothing where the server does not say.

    `what`: kinds, names (of the kind that was typed), contexts, projects, stages, warehouses, roles, aliases, refreshable.
    """
    try:
        found = _words(what, context)
    except (TowpathError, OSError):
        return []
    return [CompletionItem(each) for each in found if each.startswith(begun)][:_MOST]


def _words(what: str, context: click.Context) -> list[str]:
    from towpath.cli.kinds import kinds

    match what:
        case "kinds":
            return list(map(kinds.usual, kinds.KINDS))
        case "refreshable":
            return list(_REFRESHABLE)
        case "contexts":
            from towpath.cli.contexts import context_file
            from towpath.cli.environment import environment

            return [each.name for each in context_file.read(environment().contexts).contexts]
        case "names":
            typed = str(context.params.get("kind") or "")
            return _names(context, typed) if kinds.is_word(typed) else []
        case "aliases":
            return _aliases(context)
        case _:
            return _names(context, what)


def _names(context: click.Context, word: str) -> list[str]:
    from towpath.cli.forms import printing
    from towpath.cli.kept import kept_place
    from towpath.cli.kinds import kinds

    kind = kinds.named(word)
    if kind.is_single:
        return []
    if kind.name == "Freight":
        return _aliases(context)
    client, project = _client(context), _project(context)
    if kind.collection:
        from towpath.sdk.kept import KeptPlace, Where

        shared, system = (bool(context.params.get(each)) for each in ("shared", "system"))
        place = (
            kept_place.of_kind(kind, None, shared=shared, system=system)
            if shared or system
            else KeptPlace(Where.PROJECT, project)
        )
        return list(map(printing.name_of, client.kept(kind.collection, place).all()))
    return list(
        map(printing.name_of, client.objects(kind.plural, project if kind.in_project else ""))
    )


def _aliases(context: click.Context) -> list[str]:
    from towpath.cli.forms import printing
    from towpath.cli.kinds import kinds

    found = _client(context).objects("freight", _project(context))
    alias = kinds.at("metadata", "labels", ALIAS_LABEL)
    return [alias(each) or printing.name_of(each) for each in found]


def _client(context: click.Context) -> Client:
    from towpath.cli.contexts import connection

    return connection.connect(_asked(context.params), seconds=_SECONDS)


def _asked(given: dict[str, Any]) -> Any:
    from towpath.cli.contexts.wanted_server import WantedServer

    return WantedServer(
        server=given.get("server"),
        context=given.get("context"),
        token_file=given.get("token_file"),
        insecure=bool(given.get("insecure")),
    )


def _project(context: click.Context) -> str:
    from towpath.cli.contexts import connection
    from towpath.cli.environment import environment

    named = context.params.get("project") or environment().project
    if named:
        return str(named)
    chosen = connection.chosen(_asked(context.params))
    return chosen.project if chosen is not None else ""
