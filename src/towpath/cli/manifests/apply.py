"""`towpath apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import printed, with_files, with_project, with_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client


@click.command("apply")
@with_project
@with_files
@printed("text", default="text")
@with_server
def command(
    project: str | None,
    filename: tuple[str, ...],
    recursive: bool,
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Create the objects of manifests, or bring them to what the manifests say.

    All documents of all files go together, Projects first. One that is refused stops none of the others,
    and is told with its file and line; fields that the kind does not have are refused. What can be known to come to
    nothing (a step, Warehouse or task that is not there, a Secret that is no credential) is warned of.

    \b
    Examples:
      towpath apply -f examples/two-environments/
      towpath apply -f project.yaml -f stages.yaml
      kustomize build . | towpath apply -f -
    """
    from towpath.cli.manifests import files, namespaces, sending

    sources = namespaces.filled(files.read(filename, recursive=recursive), project)
    return sending.send(sources, connect().apply, form, is_repeatable=True)
