"""`towpath up`."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Literal

import click

from towpath import app
from towpath.cli.environment import environment
from towpath.cli.options import FILE, FOLDER
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path


@click.command("up")
@click.option(
    "--data",
    type=FOLDER,
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
    "--listen-tls",
    default="127.0.0.1:8443",
    show_default=True,
    metavar="HOST:PORT|none",
    help="Address to serve on over TLS, for kubectl and other clients of the Kubernetes API.",
)
@click.option(
    "--tls-name",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name or address of this machine for the certificate; may be given several times.",
)
@click.option(
    "--tls-cert",
    type=FILE,
    help="Your own certificate (PEM, with its chain) instead of one that is made; with --tls-key.",
)
@click.option(
    "--tls-key",
    type=FILE,
    help="The key of --tls-cert (PEM).",
)
@click.option(
    "--config",
    type=FILE,
    help="Operator settings, in YAML: mirrors of registries and repositories, allowed addresses, polling.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the log on standard error is written; both carry the context of each line.",
)
def command(
    data: Path,
    listen: str,
    listen_tls: str,
    names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    config: Path | None,
    log_format: Literal["text", "json"],
) -> None:
    """Run Towpath until it is interrupted.

    When it is ready it prints one line with its addresses and the file that holds the administrator's token. kubectl
    works with what `towpath kubeconfig` prints.

    \b
    Examples:
      towpath up --data ./towpath-data
      towpath up --data /var/lib/towpath --listen 127.0.0.1:0 --config /etc/towpath.yaml
      towpath up --data ./towpath-data --listen-tls 0.0.0.0:8443 --tls-name towpath.example.com
    """
    host, port = app.parse_address(listen)
    if not _is_loopback(host):
        click.echo(
            f"towpath: warning: {host} can be reached from other machines, and the token travels "
            "unencrypted; have them use --listen-tls, and keep --listen on 127.0.0.1",
            err=True,
        )
    tls = _tls(listen_tls, names, tls_cert, tls_key)
    if tls is not None and not tls.is_own and not names and _is_every_address(tls.host):
        click.echo(
            f"towpath: warning: {tls.host} can be reached from other machines, and the certificate names only this "
            "one; add the name they use with --tls-name",
            err=True,
        )
    surroundings = environment()
    settings = app.Settings(
        data=data,
        key_file=surroundings.key_file,
        host=host,
        port=port,
        config=config,
        tls=tls,
        programs=surroundings.programs,
    )
    app.serve(settings, click.echo, log_format=log_format)


def _tls(
    listen: str, names: tuple[str, ...], certificate: Path | None, key: Path | None
) -> app.TLSSettings | None:
    """Return where TLS is served; None where it is not. Raises BadRequest."""
    if (certificate is None) != (key is None):
        raise BadRequest("--tls-cert and --tls-key belong together: give both, or neither")
    if listen in ("", "none"):
        if names or certificate is not None:
            raise BadRequest("--listen-tls none: the other options of TLS have no use without it")
        return None
    host, port = app.parse_address(listen, "--listen-tls")
    return app.TLSSettings(host=host, port=port, names=names, certificate=certificate, key=key)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_every_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
