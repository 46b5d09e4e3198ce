"""`towpath create`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import output, with_files, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.files import SourcedManifest
    from towpath.sdk.client import Client


@click.command("create")
@click.argument("kind", required=False, metavar="[project]")
@click.argument("name", required=False)
@with_project
@with_files
@output("text", "json", "yaml", "name", default="text")
@with_server
def command(
    kind: str | None,
    name: str | None,
    project: str | None,
    filename: tuple[str, ...],
    recursive: bool,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Create the objects of manifests, or a Project by its name alone.

    An object that is there already is an error; `towpath apply` changes it instead.

    \b
    Examples:
      towpath create -f stages.yaml
      towpath create project sandbox-example
    """
    from towpath.cli import files, namespaces, sending

    if kind is None:
        sources = namespaces.filled(files.read(filename, recursive=recursive), project)
        return sending.send(sources, connect().create, form)
    if filename:
        raise BadRequest("create: give either --filename, or `project NAME`")
    return sending.send([_project(kind, name)], connect().create, form)


def _project(kind: str, name: str | None) -> SourcedManifest:
    from towpath.cli.files import SourcedManifest
    from towpath.cli.kinds import API_VERSION
    from towpath.resources.manifests import Manifest

    if kind.lower() not in ("project", "projects"):
        raise BadRequest(
            f"create {kind}: only a project is made by its name; write a manifest, and use -f"
        )
    if not name:
        raise BadRequest("create project: give its name")
    document = {"apiVersion": API_VERSION, "kind": "Project", "metadata": {"name": name}}
    return SourcedManifest(Manifest(document, "create project", 1, 1), b"")
