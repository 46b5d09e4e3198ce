"""`towpath create`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.kept import create_kept
from towpath.cli.kept.creds import TYPES
from towpath.cli.kinds.kind_words import WordedGroup
from towpath.cli.options import FILE, needed, printed, with_files, with_project, with_server
from towpath.errors import BadRequest
from towpath.resources.shared_namespaces import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from towpath.resources.document import Document
    from towpath.sdk.client import Client


class _Kinds(WordedGroup):
    """What is made by its name and options; for other kinds there are manifests."""

    instead = "; for other kinds write a manifest, and use -f"

    def _named(self, word: str) -> str | None:
        return super()._named(_WORDS.get(word, word))


_WORDS = {"projects": "project", "credential": "credentials", "creds": "credentials"}


@click.group(
    "create",
    cls=_Kinds,
    invoke_without_command=True,
    subcommand_metavar="[KIND NAME]",
)
@with_project
@with_files
@printed("text", default="text")
@with_server
@click.pass_context
def command(
    context: click.Context,
    project: str | None,
    filename: tuple[str, ...],
    recursive: bool,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Create the objects of manifests, or by name: project, role, token, configmap, credentials of repositories and others.

    An object that is there already is an error; `towpath apply` changes it instead.

    \b
    Examples:
      towpath create -f stages.yaml
      towpath create project sandbox-example
      towpath create role deployers -p sandbox-example --claim groups=deployers
      towpath create token ci -p sandbox-example --role kargo-promoter
      towpath create configmap settings -p sandbox-example --set region=eu
      towpath create credentials deploy -p sandbox-example --type git \\
          --repo-url https://github.com/example/deploy.git --username bot --password-stdin < token
    """
    from towpath.cli.manifests import files, namespaces, sending

    if context.invoked_subcommand is None:
        sources = namespaces.filled(files.read(filename, recursive=recursive), project)
        return sending.send(sources, connect().create, form)
    given = [
        name
        for name in context.params
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise BadRequest(
            f"create: give either --filename, or `{context.invoked_subcommand} NAME` and options behind that"
        )
    return 0


@command.command("project")
@click.argument("name")
@printed("text", default="text")
@with_server
def project_(name: str, form: str, connect: Callable[[], Client]) -> int:
    """Create a Project by its name alone.

    \b
    Examples:
      towpath create project sandbox-example
    """
    from towpath.cli.kinds.kinds import API_VERSION

    document = {"apiVersion": API_VERSION, "kind": "Project", "metadata": {"name": name}}
    return _send(document, "create project", form, connect)


@command.command("credentials")
@click.argument("name")
@with_project
@click.option("--shared", is_flag=True, help="For all Projects.")
@click.option(
    "--type",
    "type_",
    type=click.Choice(TYPES),
    help="What is at the address; told by how it begins if not given.",
)
@click.option(
    "--repo-url", required=True, metavar="URL", help="The repository, as manifests write it."
)
@click.option("--regex", is_flag=True, help="--repo-url is a regular expression (RE2).")
@click.option("--username", metavar="NAME", help="User name; asked for if not given.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password or token from standard input."
)
@click.option(
    "--ssh-private-key-file",
    type=FILE,
    help="git over SSH: file with the private key, without passphrase.",
)
@click.option(
    "--known-hosts-file",
    type=FILE,
    help="git over SSH: file with the server's lines (ssh-keyscan HOST).",
)
@click.option("--description", metavar="TEXT", help="What it is for.")
@printed("text", default="text")
@with_server
def credentials(
    name: str,
    project: str | None,
    shared: bool,
    type_: str | None,
    repo_url: str,
    regex: bool,
    username: str | None,
    password_stdin: bool,
    ssh_private_key_file: Path | None,
    known_hosts_file: Path | None,
    description: str | None,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Create the credentials of a repository, or with --regex of several: a Secret with the label that makes it one.

    The password or token is asked for, or read from standard input with --password-stdin; it is never an argument, which
    others on the machine could see.

    \b
    Examples:
      towpath create credentials deploy -p sandbox-example --type git \\
          --repo-url https://github.com/example/deploy.git --username bot --password-stdin < token
      towpath create credentials images --shared --type image --regex --repo-url '^ghcr\\.io/example/' --username bot
      towpath create credentials deploy -p sandbox-example --repo-url git@github.com:example/deploy.git \\
          --ssh-private-key-file deploy_key --known-hosts-file github_hosts
    """
    from towpath.cli.kept import credential

    wanted = credential.CredentialRequest(
        name=name,
        namespace=SHARED if shared else needed(project),
        type_=type_ or credential.type_of(repo_url, is_regex=regex),
        repo_url=repo_url,
        is_regex=regex,
        description=description or "",
    )
    credential.check(wanted, is_ssh=ssh_private_key_file is not None)
    if ssh_private_key_file is not None:
        if username is not None or password_stdin:
            raise BadRequest(
                "create credentials: give --ssh-private-key-file, or --username with a password; not both"
            )
        values = credential.of_ssh(ssh_private_key_file, known_hosts_file)
    elif known_hosts_file is not None:
        raise BadRequest("create credentials: --known-hosts-file goes with --ssh-private-key-file")
    else:
        values = credential.of_password(username, from_stdin=password_stdin)
    code = _send(credential.document(wanted, values), "create credentials", form, connect)
    if code == 0 and form == "text":
        shown = "URL" if regex else repo_url
        where = "PROJECT" if shared else wanted.namespace
        click.echo(
            f"which repositories it serves: towpath creds explain {shown} --type {wanted.type_} -p {where}",
            err=True,
        )
    return code


def _send(document: Document, source: str, form: str, connect: Callable[[], Client]) -> int:
    from towpath.cli.manifests import sending
    from towpath.cli.manifests.files import SourcedManifest
    from towpath.resources.manifests import Manifest

    made = SourcedManifest(Manifest(document, source, 1, 1), b"")
    return sending.send([made], connect().create, form)


for each in create_kept.COMMANDS:
    command.add_command(each)
