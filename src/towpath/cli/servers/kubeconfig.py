"""`towpath kubeconfig`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from towpath.cli.options import FILE, FOLDER
from towpath.disk import reading
from towpath.errors import AlreadyExists, BadRequest

if TYPE_CHECKING:
    from pathlib import Path

_OURS = "# Made by `towpath kubeconfig`.\n"
_LARGEST = 4 << 20


@click.command("kubeconfig")
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Data directory of the server.",
)
@click.option(
    "--server", default="", metavar="URL", help="Address to name instead of the server's own."
)
@click.option(
    "--certificate-authority",
    "authority",
    type=FILE,
    help="Who signed the server's certificate (PEM), for one that was given with --tls-cert.",
)
@click.option(
    "--namespace", "-n", default="", metavar="NS", help="The Project that commands are about."
)
@click.option(
    "--context", default="towpath", show_default=True, metavar="NAME", help="Name of the context."
)
@click.option(
    "--output",
    "-o",
    type=FILE,
    help="File to write (0600) instead of printing; one that was not made by this command is left alone.",
)
@click.option(
    "--merge",
    is_flag=True,
    help="Add to the kubeconfig that --output names, and make this context its current one.",
)
@click.option("--force", is_flag=True, help="Write over a file that is not ours.")
def command(
    data: Path,
    server: str,
    authority: Path | None,
    namespace: str,
    context: str,
    output: Path | None,
    merge: bool,
    force: bool,
) -> None:
    """Print a kubeconfig for the server of a data directory.

    It holds the administrator's token: keep it as you keep the token. The server's address is the one it had when it
    last started.

    \b
    Examples:
      towpath kubeconfig --data ./towpath-data > towpath.kubeconfig
      towpath kubeconfig --data ./towpath-data --output towpath.kubeconfig --namespace shop
      towpath kubeconfig --data ./towpath-data --output ~/.kube/config --merge
      kubectl --kubeconfig towpath.kubeconfig get stages
    """
    from towpath.app import kubeconfig

    if server and not server.startswith("https://"):
        raise BadRequest(
            f"--server {server}: it must begin with https://; kubectl sends no token otherwise"
        )
    if merge and (output is None or force):
        raise BadRequest("--merge adds to the file that --output names, and has no use for --force")
    wanted = kubeconfig.KubeconfigOptions(
        server=server, namespace=namespace, context=context, authority=authority
    )
    made = kubeconfig.document(data, wanted)
    if output is None:
        click.echo(_OURS + kubeconfig.text(made), nl=False)
        return
    if merge and output.exists():
        kubeconfig.write(output, kubeconfig.text(kubeconfig.merged(output, made)))
    elif not output.exists() or force or _is_ours(output):
        kubeconfig.write(output, _OURS + kubeconfig.text(made))
    else:
        raise AlreadyExists(
            f"--output {output}: the file is there and was not made by `towpath kubeconfig`: name another, --merge "
            "into it, or have it replaced with --force"
        )
    click.echo(f"{output}: written; try: kubectl --kubeconfig {output} get projects")


def _is_ours(path: Path) -> bool:
    try:
        return reading.read(path, _LARGEST).startswith(_OURS.encode())
    except OSError:
        return False
