"""What `towpath grant` and `towpath revoke` have in common: to whom, or what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import completing, needed, printed, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

    Command = Callable[..., Any]


def with_grant(command: Command) -> Command:
    """Give a command the options of a grant."""
    for option in (
        with_server,
        printed("text", default="text"),
        click.option(
            "--resource-name", metavar="NAME", default="", help="Only the one of this name."
        ),
        click.option(
            "--verb",
            "verbs",
            multiple=True,
            metavar="VERB",
            help="What may be done with them, such as get, list, promote or *; may be given several times.",
        ),
        click.option(
            "--resource-type",
            metavar="PLURAL",
            help="What the role may do something with, such as stages.",
        ),
        click.option(
            "--claim",
            "claims",
            multiple=True,
            metavar="NAME=VALUE",
            help="Users who have the role; may be given several times.",
        ),
        click.option(
            "--role",
            required=True,
            metavar="NAME",
            help="The role.",
            shell_complete=completing("roles"),
        ),
        with_project,
    ):
        command = option(command)
    return command


def run(
    verb: str,
    project: str | None,
    role: str,
    claims: tuple[str, ...],
    resource_type: str | None,
    verbs: tuple[str, ...],
    resource_name: str,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Grant or revoke, and tell of the role."""
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds
    from towpath.sdk.kept import KeptPlace, Where

    details = _details(verb, claims, resource_type, verbs, resource_name)
    if verb == "grant":
        _warn(verbs)
    access = connect().access(KeptPlace(Where.PROJECT, needed(project)))
    changed = (access.grant if verb == "grant" else access.revoke)(role, details)
    told(kinds.named("roles"), changed, "updated", form)


def _warn(verbs: tuple[str, ...]) -> None:
    """Say of verbs that nothing asks for them: they are granted, as in Kargo, and allow nothing."""
    from towpath.cli import terminal
    from towpath.cli.kept import key_values
    from towpath.messages import instead
    from towpath.resources.role import PROMOTE, SPECIAL, VERBS

    known = (*VERBS, PROMOTE, *SPECIAL)
    for each in key_values.words(verbs):
        if each not in (*known, "*"):
            terminal.say(
                f"warning: --verb {each}: nothing asks for it; {instead(each, known)}", err=True
            )


def _details(
    command: str,
    claims: tuple[str, ...],
    resource_type: str | None,
    verbs: tuple[str, ...],
    resource_name: str,
) -> Document:
    from towpath.cli.kept import key_values

    if bool(claims) == bool(resource_type or verbs or resource_name):
        raise BadRequest(
            f"{command}: give either --claim NAME=VALUE, for who has the role, or --resource-type and --verb, for what it may"
        )
    if claims:
        return {"userClaims": {"claims": key_values.claims(claims)}}
    wanted = key_values.words(verbs)
    if not resource_type or not wanted:
        raise BadRequest(f"{command}: --resource-type and --verb go together; give both")
    found: dict[str, Any] = {"resourceType": resource_type, "verbs": wanted}
    if resource_name:
        found["resourceName"] = resource_name
    return {"resourceDetails": found}
