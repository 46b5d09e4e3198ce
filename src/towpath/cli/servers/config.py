"""`towpath config`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from towpath.cli.options import completing, output, with_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.contexts.context_file import KnownServers, ServerContext
    from towpath.cli.forms.printing import Look

_CONTEXTS = completing("contexts")


@click.group("config")
def command() -> None:
    """See and change what this machine knows of servers: contexts, each a server with its token and Project.

    \b
    Examples:
      towpath config get-contexts
      towpath config use-context prod
      towpath config set-project shop
      towpath config view
    """


@command.command("view")
@click.option("--raw", is_flag=True, help="With the tokens.")
@output("yaml", "json", default="yaml")
def view(raw: bool, form: str) -> None:
    """Print the file of contexts; tokens are masked.

    \b
    Examples:
      towpath config view
      towpath config view --raw -o json
    """
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment
    from towpath.cli.forms import printing

    printing.show_value(context_file.read(environment().contexts).document(raw=raw), form)


@command.command("set-project")
@click.argument("name", shell_complete=completing("projects"))
@click.option(
    "--context",
    metavar="NAME",
    help="Of this context; the current one if none is named.",
    shell_complete=_CONTEXTS,
)
def set_project(name: str, context: str | None) -> None:
    """Keep the Project that commands mean which name none.

    \b
    Examples:
      towpath config set-project shop
    """
    from towpath.cli import terminal

    changed = _change(context, lambda each: replace(each, project=name))
    terminal.tell(f"context {changed.name}: Project {name}")


@command.command("get-project")
@click.option(
    "--context",
    metavar="NAME",
    help="Of this context; the current one if none is named.",
    shell_complete=_CONTEXTS,
)
def get_project(context: str | None) -> None:
    """Print the Project that commands mean which name none.

    \b
    Examples:
      towpath config get-project
    """
    from towpath.cli import terminal

    found = _meant(context).project
    if found:
        terminal.say(found)


@command.command("unset-project")
@click.option(
    "--context",
    metavar="NAME",
    help="Of this context; the current one if none is named.",
    shell_complete=_CONTEXTS,
)
def unset_project(context: str | None) -> None:
    """Keep no Project any more.

    \b
    Examples:
      towpath config unset-project
    """
    from towpath.cli import terminal

    changed = _change(context, lambda each: replace(each, project=""))
    terminal.tell(f"context {changed.name}: no Project")


@command.command("get-contexts")
@with_table
@output("table", "json", "yaml", "name", default="table")
def get_contexts(look: Look, form: str) -> None:
    """Show the servers that are known; an asterisk marks the one that is meant now.

    \b
    Examples:
      towpath config get-contexts
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment
    from towpath.cli.forms import printing

    known = context_file.read(environment().contexts)
    if form == "name":
        for each in known.contexts:
            terminal.say(each.name)
    elif form != "table":
        printing.show_value(known.document(raw=False), form)
    elif not known.contexts:
        click.echo("No servers are known; `towpath login` signs in to one.", err=True)
    else:
        headers = ["CURRENT", "NAME", "SERVER", "PROJECT", "SIGNED IN BY"]
        rows = [
            [
                "*" if each.name == known.current else "",
                each.name,
                each.address,
                each.project,
                each.auth_method,
            ]
            for each in known.contexts
        ]
        printing.show_table(headers, rows, look)


@command.command("current-context")
def current_context() -> None:
    """Print the name of the context that is meant now.

    \b
    Examples:
      towpath config current-context
    """
    from towpath.cli import terminal

    terminal.say(_meant(None).name)


@command.command("use-context")
@click.argument("name", shell_complete=_CONTEXTS)
def use_context(name: str) -> None:
    """Have later commands speak to the server of a context.

    \b
    Examples:
      towpath config use-context prod
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment

    context_file.change(
        environment().contexts, lambda servers: servers.with_(servers.named(name), current=True)
    )
    terminal.tell(f"context {name} is meant now")


@command.command("rename-context")
@click.argument("name", shell_complete=_CONTEXTS)
@click.argument("new")
def rename_context(name: str, new: str) -> None:
    """Give a context another name.

    \b
    Examples:
      towpath config rename-context 127.0.0.1 local
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment

    context_file.change(environment().contexts, lambda servers: servers.renamed(name, new))
    terminal.tell(f"context {name} is {new} now")


@command.command("delete-context")
@click.argument("name", shell_complete=_CONTEXTS)
def delete_context(name: str) -> None:
    """Forget a server, as `towpath logout --context` does.

    \b
    Examples:
      towpath config delete-context prod
    """
    from towpath.cli import terminal
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment

    context_file.change(environment().contexts, lambda servers: servers.without(name))
    terminal.tell(f"forgot {name}")


def _meant(context: str | None) -> ServerContext:
    """Return the named or the current context. Raises NotFound, BadRequest if none is current."""
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment

    return _of(context_file.read(environment().contexts), context)


def _of(known: KnownServers, context: str | None) -> ServerContext:
    from towpath.errors import BadRequest

    if not context and not known.current:
        choose = ", or choose one with `towpath config use-context`" if known.contexts else ""
        raise BadRequest(
            f"no context is the current one; sign in with `towpath login`{choose}; where TOWPATH_SERVER names the server, "
            "TOWPATH_PROJECT names the Project"
        )
    return known.named(context or known.current)


def _change(
    context: str | None, changed: Callable[[ServerContext], ServerContext]
) -> ServerContext:
    from towpath.cli.contexts import context_file
    from towpath.cli.environment import environment

    made: list[ServerContext] = []

    def change(servers: KnownServers) -> KnownServers:
        made.append(changed(_of(servers, context)))
        return servers.with_(made[-1])

    context_file.change(environment().contexts, change)
    return made[-1]
