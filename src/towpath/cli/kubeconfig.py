"""`towpath kubeconfig`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from towpath.errors import BadRequest

_OURS = "# Made by `towpath kubeconfig`.\n"


@click.command("kubeconfig")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Data directory of the server.",
)
@click.option(
    "--server", default="", metavar="URL", help="Address to name instead of the server's own."
)
@click.option("--namespace", "-n", default="", help="The Project that commands are about.")
@click.option("--context", default="towpath", show_default=True, help="Name of the context.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write (0600) instead of printing; one that is not ours is left alone.",
)
@click.option("--force", is_flag=True, help="Write over a file that is not ours.")
def command(
    data: Path, server: str, namespace: str, context: str, output: Path | None, force: bool
) -> None:
    """Print a kubeconfig for a server that has run on this data directory.

    It holds the administrator's token: keep it as you keep the token. The server's address is the one it had when it
    last started.

    \b
    Examples:
      towpath kubeconfig --data ./towpath-data > towpath.kubeconfig
      towpath kubeconfig --data ./towpath-data --output towpath.kubeconfig --namespace shop
      kubectl --kubeconfig towpath.kubeconfig get stages
    """  # noqa: D301
    from towpath.app import kubeconfig

    if server and not server.startswith("https://"):
        raise BadRequest(
            f"--server {server}: it must begin with https://; kubectl sends no token otherwise"
        )
    text = _OURS + _yaml(
        kubeconfig.document(data, server=server, namespace=namespace, context=context)
    )
    if output is None:
        click.echo(text, nl=False)
        return
    if output.exists() and not force and not _is_ours(output):
        raise BadRequest(
            f"--output {output}: the file is there and was not made by `towpath kubeconfig`; name another, or --force"
        )
    kubeconfig.write(output, text)
    click.echo(f"{output}: written; try: kubectl --kubeconfig {output} get projects")


def _is_ours(path: Path) -> bool:
    try:
        return path.read_text("utf-8").startswith(_OURS)
    except (OSError, UnicodeDecodeError):
        return False


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    written: str = yaml.safe_dump(document, sort_keys=False)
    return written
