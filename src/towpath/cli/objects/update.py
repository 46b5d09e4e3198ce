"""`towpath update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.kept.kept_place import with_place
from towpath.cli.kept.key_values import with_values
from towpath.cli.kept.repo_credential_options import with_credentials
from towpath.cli.kinds.kind_words import WordedGroup
from towpath.cli.options import completing, needed, printed, with_project, with_server
from towpath.errors import BadRequest, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.kept.key_values import GivenValues
    from towpath.cli.kept.repo_credential_options import GivenCredentials
    from towpath.sdk.client import Client
    from towpath.sdk.kept import KeptPlace

_MASKED: Final = "given only as its mask"
"""In what a server says that refuses to send a value it does not show to another address (`store/sealed.py`)."""


@click.group("update", cls=WordedGroup)
def command() -> None:
    """Change the alias of Freight, a config map or credentials; what is not named stays.

    \b
    Examples:
      towpath update freight -p sandbox-example --old-alias fearless-fox --new-alias release-7
      towpath update configmap settings -p sandbox-example --set region=us --unset tier
    """


@command.command("freight")
@with_project
@click.option("--name", metavar="NAME", help="The Freight, by name.")
@click.option(
    "--old-alias",
    metavar="ALIAS",
    help="The Freight, by the alias it has.",
    shell_complete=completing("aliases"),
)
@click.option("--new-alias", metavar="ALIAS", required=True, help="The alias it gets.")
@printed("text", default="text")
@with_server
def freight(
    project: str | None,
    name: str | None,
    old_alias: str | None,
    new_alias: str,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Give Freight another alias.

    \b
    Examples:
      towpath update freight -p sandbox-example --old-alias fearless-fox --new-alias release-7
    """
    from towpath.cli.forms import printed_form
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds

    if bool(name) == bool(old_alias):
        raise BadRequest("update freight: give one of --name and --old-alias")
    where, client = needed(project), connect()
    found = client.get("freight", where, name or old_alias or "")
    client.rename(where, str(found["metadata"]["name"]), new_alias)
    if printed_form.is_document(form):
        found = client.get("freight", where, str(found["metadata"]["name"]))
    told(kinds.named("freight"), found, "updated", form)


@command.command("configmap")
@click.argument("name")
@with_place("shared", "system")
@with_values
@click.option(
    "--unset", multiple=True, metavar="KEY", help="A key that goes; may be given several times."
)
@click.option("--description", metavar="TEXT", help='What it is for; "" for none.')
@printed("text", default="text")
@with_server
def configmap(
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    unset: tuple[str, ...],
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Change keys or the description of a config map.

    \b
    Examples:
      towpath update configmap settings -p sandbox-example --set region=us --unset tier
    """
    _update("configmaps", name, place, values, unset, description, form, connect)


@command.command("generic-credentials")
@click.argument("name")
@with_place("shared", "system")
@with_values
@click.option(
    "--unset", multiple=True, metavar="KEY", help="A key that goes; may be given several times."
)
@click.option("--description", metavar="TEXT", help='What they are for; "" for none.')
@printed("text", default="text")
@with_server
def generic_credentials(
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    unset: tuple[str, ...],
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Change keys or the description of a Secret with keys of your own.

    \b
    Examples:
      towpath update generic-credentials chat -p sandbox-example --set-file token=chat.token
    """
    _update("generic-credentials", name, place, values, unset, description, form, connect)


@command.command("repo-credentials")
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
    """Change the credentials of a repository; --regex belongs to --repo-url, and is given with it anew.

    \b
    Examples:
      towpath update repo-credentials deploy -p sandbox-example --password-stdin < token
      towpath update repo-credentials images --shared --regex --repo-url '^ghcr\\.io/example/'
    """
    if given.regex and not given.repo_url:
        raise BadRequest("update repo-credentials: --regex says what --repo-url is; give both")
    body: dict[str, Any] = {
        "type": given.type,
        "repoUrl": given.repo_url,
        "repoUrlIsRegex": given.regex if given.repo_url else None,
        "username": given.username,
        "password": given.password(asks=False),
        "description": given.description,
    }
    _send("repo-credentials", name, place, body, form, connect)


def _update(
    collection: str,
    name: str,
    place: Callable[[], KeptPlace],
    values: GivenValues,
    unset: tuple[str, ...],
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    from towpath.cli.kept import key_values

    data, gone = values.read(), key_values.words(unset)
    both = [key for key in gone if key in data]
    if both:
        raise BadRequest(f"update {name}: --set and --unset both name {both[0]}")
    body = {"description": description, "data": data or None, "removeKeys": gone or None}
    _send(collection, name, place, body, form, connect)


def _changed(
    collection: str, name: str, place: KeptPlace, sent: dict[str, Any], client: Client
) -> Any:
    """Change it. Raises Invalid, with the option that helps, where what is not shown must be given anew."""
    try:
        return client.kept(collection, place).change(name, sent)
    except Invalid as error:
        if collection == "repo-credentials" and "password" not in sent and _MASKED in error.message:
            raise Invalid(f"{error.message}; here: with --password-stdin") from error
        raise


def _send(
    collection: str,
    name: str,
    place: Callable[[], KeptPlace],
    body: dict[str, Any],
    form: str,
    connect: Callable[[], Client],
) -> None:
    from towpath.cli.forms.told import told
    from towpath.cli.kinds import kinds

    sent = {key: value for key, value in body.items() if value is not None}
    if not sent:
        raise BadRequest(f"update {name}: say what changes; --help shows how")
    changed = _changed(collection, name, place(), sent, connect())
    told(kinds.named(collection), changed or {"metadata": {"name": name}}, "updated", form)
