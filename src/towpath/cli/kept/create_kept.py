"""`towpath create role|token|configmap|generic-credentials|repo-credentials`."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

import click

from towpath.cli.kept.kept_place import with_place
from towpath.cli.kept.key_values import with_values
from towpath.cli.kept.repo_credential_options import with_credentials
from towpath.cli.options import completing, printed, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kept.key_values import GivenValues
    from towpath.cli.kept.repo_credential_options import GivenCredentials
    from towpath.sdk.client import Client
    from towpath.sdk.kept import KeptPlace


@click.command("role")
@click.argument("name")
@with_place()
@click.option("--description", metavar="TEXT", help="What it is for.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="NAME=VALUE",
    help="Who has it: users with this claim; may be given several times.",
)
@printed("text", default="text")
@with_server
def role(
    name: str,
    place: Callable[[], KeptPlace],
    description: str | None,
    claims: tuple[str, ...],
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Create a role of a Project. What it may do is granted with `towpath grant`.

    \b
    Examples:
      towpath create role deployers -p sandbox-example --claim groups=deployers
      towpath create role oncall -p sandbox-example --claim email=ann@example.com --claim email=bob@example.com
    """
    from towpath.cli.forms.told import told
    from towpath.cli.kept import key_values
    from towpath.cli.kinds import kinds
    from towpath.resources.annotations import DESCRIPTION

    where = place()
    metadata: dict[str, Any] = {"name": name}
    if description:
        metadata["annotations"] = {DESCRIPTION: description}
    body: dict[str, Any] = {"metadata": metadata}
    if claims:
        body["claims"] = key_values.claims(claims)
    made = connect().kept("roles", where).create(body)
    told(kinds.named("roles"), made, "created", form)


@click.command("token")
@click.argument("name")
@with_place("system")
@click.option(
    "--role",
    required=True,
    metavar="NAME",
    help="What may be done with it: what this role may.",
    shell_complete=completing("roles"),
)
@click.option(
    "--expires-at",
    default="",
    metavar="TIME",
    help="When it ends, such as 2030-01-31T12:00:00Z; when it is deleted if not given.",
)
@printed("text", default="text")
@with_server
def token(
    name: str,
    place: Callable[[], KeptPlace],
    role: str,
    expires_at: str,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Create a token that may what a role may, for programs. It is shown now, and never again.

    \b
    Examples:
      towpath create token ci -p sandbox-example --role kargo-promoter
      towpath create token ci -p sandbox-example --role kargo-promoter -o jsonpath='{.data.token}' | base64 -d
      towpath create token board --system --role kargo-viewer --expires-at 2030-01-31T12:00:00Z
    """
    from towpath.cli import terminal
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds
    from towpath.errors import Unavailable

    where = place()
    made = connect().access(where).create_token(role, name, expires_at)
    told(kinds.named("tokens"), made, "created", form)
    if form != "text":
        return
    held = made.get("data")
    try:
        value = base64.b64decode(
            str(held.get("token") if isinstance(held, dict) else ""), validate=True
        ).decode()
    except (binascii.Error, UnicodeDecodeError):
        value = ""
    if not value:
        raise Unavailable(
            "the server made the token and did not send it; delete it, and make another"
        )
    terminal.tell("It is shown this once only:")
    terminal.say(value)


@click.command("configmap")
@click.argument("name")
@with_place("shared", "system")
@with_values
@click.option("--description", metavar="TEXT", help="What it is for.")
@printed("text", default="text")
@with_server
def configmap(
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Create a config map: values that steps and hooks read by name.

    \b
    Examples:
      towpath create configmap settings -p sandbox-example --set region=eu --set tier=gold
      towpath create configmap banner --shared --set-file text=banner.txt
    """
    _create("configmaps", name, place, values, description, form, connect)


@click.command("generic-credentials")
@click.argument("name")
@with_place("shared", "system")
@with_values
@click.option("--description", metavar="TEXT", help="What it is for.")
@printed("text", default="text")
@with_server
def generic_credentials(
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Create a Secret with keys of your own, such as a password that a step sends.

    \b
    Examples:
      towpath create generic-credentials chat -p sandbox-example --set-file token=chat.token
      pass show chat | towpath create generic-credentials chat -p sandbox-example --set-file token=-
    """
    _create("generic-credentials", name, place, values, description, form, connect)


@click.command("repo-credentials")
@click.argument("name")
@with_place("shared")
@with_credentials
@printed("text", default="text")
@with_server
def repo_credentials(
    name: str,
    place: Callable[[], KeptPlace],
    given: GivenCredentials,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Create the credentials of a repository, as Kargo's command line does. `create credentials` does more: SSH keys, checks.

    \b
    Examples:
      towpath create repo-credentials deploy -p sandbox-example --git \\
          --repo-url https://github.com/example/deploy.git --username bot --password-stdin < token
      towpath create repo-credentials images --shared --image --regex --repo-url '^ghcr\\.io/example/' --username bot
    """
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds

    if given.type is None or not given.repo_url or not given.username:
        raise BadRequest(
            "create repo-credentials: give --repo-url, --username, and one of --git, --helm and --image"
        )
    where = place()
    body = {
        "name": name,
        "description": given.description or "",
        "type": given.type,
        "repoUrl": given.repo_url,
        "repoUrlIsRegex": given.regex,
        "username": given.username,
        "password": given.password(asks=True),
    }
    made = connect().kept("repo-credentials", where).create(body)
    told(kinds.named("repo-credentials"), made, "created", form)


def _create(
    collection: str,
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds

    data = values.read()
    if not data:
        raise BadRequest(
            f"create {click.get_current_context().info_name}: give at least one --set KEY=VALUE or --set-file KEY=FILE"
        )
    body = {"name": name, "description": description or "", "data": data}
    made = connect().kept(collection, place()).create(body)
    told(kinds.named(collection), made, "created", form)


COMMANDS = (role, token, configmap, generic_credentials, repo_credentials)
