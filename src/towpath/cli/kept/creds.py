"""`towpath creds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

TYPES = ("git", "image", "helm")
"""What a credential can be for."""


@click.group("creds")
def command() -> None:
    """Ask about the credentials of repositories; `towpath create credentials` makes one.

    \b
    Examples:
      towpath creds explain https://github.com/example/deploy.git -p sandbox-example
      towpath get secrets -p sandbox-example
    """


@command.command("explain")
@click.argument("url")
@with_project
@click.option(
    "--type",
    "type_",
    type=click.Choice(TYPES),
    help="What is at the address; told by how it begins if not given.",
)
@output("text", "json", "yaml", default="text")
@with_server
def explain(
    url: str, project: str | None, type_: str | None, form: str, connect: Callable[[], Client]
) -> None:
    """Say which Secret is sent to the repository at a URL, and why each other one is not. Values are never shown.

    Write the URL as the manifest does.

    \b
    Examples:
      towpath creds explain https://github.com/example/deploy.git -p sandbox-example
      towpath creds explain ghcr.io/example/app --type image -p sandbox-example
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    answer = connect().explain_credentials(needed(project), url, type_ or type_of(url))
    if form != "text":
        printing.show_value(answer, form)
        return
    for line in lines(answer, needed(project)):
        terminal.say(line)


def type_of(url: str) -> str:
    """Return what is most likely at an address, by how it begins."""
    lowered = url.lower()
    if lowered.startswith("oci://"):
        return "helm"
    is_git = lowered.startswith(("http://", "https://", "ssh://", "git@")) or (
        "@" in lowered.partition("/")[0] and ":" in lowered
    )
    return "git" if is_git else "image"


def lines(answer: Document, project: str) -> list[str]:
    """Return an explanation as lines."""
    from towpath.cli.forms import printing

    url, type_, compared = (str(answer.get(key) or "") for key in ("url", "type", "comparedAs"))
    told = [f"{type_} repository {url}" + (f" (compared as {compared})" if compared != url else "")]
    serves, identity = answer.get("serves"), answer.get("identity")
    if isinstance(serves, dict):
        told.append(f"Secret {_named(serves)} serves it: {serves.get('reason')}")
    else:
        is_ours = isinstance(identity, dict) and identity.get("serves")
        told.append(f"No Secret serves it{'' if is_ours else ': access is anonymous'}.")
    if isinstance(identity, dict):
        word = "serves it" if identity.get("serves") else "does not serve it"
        told.append(
            f"The server's identity at {identity.get('cloud')} {word}: {identity.get('reason')}"
        )
    others = [
        ["  " + _named(each), str(each.get("reason") or "")]
        for each in documents(answer, "secrets")
        if not each.get("serves")
    ]
    if others:
        told += ["", "Others do not:", *printing.table(others)]
        left_out = answer.get("leftOut")
        if isinstance(left_out, int) and left_out:
            told.append(f"  and {left_out:,} more")
    elif not isinstance(serves, dict):
        told += [
            "",
            (
                f"There is no Secret that could. To make one: towpath create credentials NAME -p {project} --type {type_} "
                f"--repo-url {url} --username NAME"
            ),
        ]
    return told


def _named(secret: dict[str, Any]) -> str:
    """Return a Secret as `namespace/name`; a shared one that one may not list has no name here."""
    name, where = secret.get("name"), secret.get("namespace")
    return f"{where}/{name}" if name else f"(one of {where})"
