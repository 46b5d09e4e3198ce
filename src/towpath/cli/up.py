"""`towpath up`."""

from __future__ import annotations

import ipaddress
import logging
from pathlib import Path

import click

from towpath import app
from towpath.cli.environment import environment


@click.command("up")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Data directory; made if there is none.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    metavar="HOST:PORT",
    help="Address to serve on; port 0 takes any that is free.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Operator settings, in YAML: mirrors of registries and repositories, allowed addresses, polling.",
)
def command(data: Path, listen: str, config: Path | None) -> None:
    """Run Towpath until it is interrupted.

    When it is ready it prints one line with its address and the file that holds the administrator's token.

    \b
    Examples:
      towpath up --data ./towpath-data
      towpath up --data /var/lib/towpath --listen 127.0.0.1:0 --config /etc/towpath.yaml
    """  # noqa: D301
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    host, port = app.parse_address(listen)
    if not _is_loopback(host):
        click.echo(
            f"towpath: warning: {host} can be reached from other machines, and the token travels "
            "unencrypted; put a TLS proxy in front, or listen on 127.0.0.1",
            err=True,
        )
    settings = app.Settings(
        data=data, key_file=environment().key_file, host=host, port=port, config=config
    )
    app.serve(settings, click.echo)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
