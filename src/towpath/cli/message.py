"""`towpath message`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from towpath.cli.options import needed, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.sdk.client import Client

_TEST = "A test of this channel, by towpath message test. Nothing is to be done."


@click.group("message")
def command() -> None:
    """Send messages by channels, and try channels out.

    \b
    Examples:
      towpath message send --project sandbox-example --channel slack "prod is frozen until Monday"
      towpath message test --project sandbox-example --channel slack
    """


def _with_channel(function: Callable[..., Any]) -> Callable[..., Any]:
    named = click.option("--channel", required=True, metavar="NAME", help="The channel.")
    cluster = click.option(
        "--cluster", is_flag=True, help="It is a ClusterMessageChannel, which all Projects share."
    )
    return named(cluster(function))


@command.command("send")
@click.argument("text")
@_with_channel
@click.option("--group", default="", metavar="KEY", help="Messages of one key go to one thread.")
@with_project
@with_server
def send(
    text: str,
    channel: str,
    cluster: bool,
    group: str,
    project: str | None,
    connect: Callable[[], Client],
) -> None:
    """Put a message into the outbox; it is delivered once its turn has come.

    \b
    Examples:
      towpath message send --project sandbox-example --channel slack "prod is frozen until Monday"
    """
    if not text.strip():
        raise BadRequest("message send: there is nothing in TEXT but blanks; write the message")
    _send(connect(), needed(project), channel, text, cluster=cluster, group=group)


@command.command("test")
@_with_channel
@with_project
@with_server
def test(channel: str, cluster: bool, project: str | None, connect: Callable[[], Client]) -> None:
    """Send a message that says that it is a test.

    \b
    Examples:
      towpath message test --project sandbox-example --channel slack
    """
    _send(connect(), needed(project), channel, _TEST, cluster=cluster, group="")


def _send(
    client: Client, project: str, channel: str, text: str, *, cluster: bool, group: str
) -> None:
    import secrets

    from towpath.cli import terminal
    from towpath.resources.message import document_of
    from towpath.resources.message_channel import CHANNEL, CLUSTER_CHANNEL

    kind = CLUSTER_CHANNEL if cluster else CHANNEL
    name = f"cli-{secrets.token_hex(6)}"
    spec = {"channel": {"kind": kind, "name": channel}, "body": text, "groupingKey": group}
    (outcome,) = client.create([document_of(name=name, project=project, spec=spec)])
    if outcome.error is not None:
        raise outcome.error
    word = "clusterchannel" if cluster else "channel"
    terminal.say(f"message.towpath.dev/{name} waits for {kind} {channel}")
    terminal.say(f"See what becomes of it: towpath get message {name} --project {project}")
    terminal.say(f"If nothing does: towpath explain {word}/{channel} --project {project}")
