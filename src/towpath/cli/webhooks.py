"""`towpath webhooks`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_REFUSED: Final = 400
_cluster = click.option(
    "--cluster", "-c", is_flag=True, help="The receivers of the ClusterConfig, not of a Project."
)


_limit = click.option(
    "--limit",
    metavar="NUMBER",
    type=click.IntRange(min=1),
    help="How many at most; all if not given.",
)


@click.group("webhooks")
def command() -> None:
    """See receivers of webhooks and what came to them, and try deliveries out.

    Receivers are configured in ProjectConfig and ClusterConfig, spec.webhookReceivers.

    \b
    Examples:
      towpath webhooks list -p sandbox-example
      towpath webhooks receipts github -p sandbox-example
      towpath webhooks test github -p sandbox-example --body push.json -H X-GitHub-Event:push
    """


@command.command("list")
@with_project
@_cluster
@_limit
@output("text", "json", "yaml", default="text")
@with_server
def list_(
    project: str | None,
    cluster: bool,
    limit: int | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Show receivers: where they listen, what came last, and whether they have been silent for too long.

    \b
    Examples:
      towpath webhooks list -p sandbox-example
      towpath webhooks list --cluster -o json
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    found = connect().webhooks(_of(project, cluster), limit)
    if form != "text":
        printing.show_value({"items": found}, form)
        return
    if not found:
        terminal.tell("There are no receivers: they are configured in spec.webhookReceivers.")
        return
    rows = [["NAME", "TYPE", "LAST", "TAKEN", "REFUSED", "URL"]]
    rows += [
        [
            str(each.get("name")),
            str(each.get("type")),
            str(each.get("last") or "never"),
            str(each.get("taken")),
            str(each.get("refused")),
            str(each.get("url") or each.get("path") or "-"),
        ]
        for each in found
    ]
    for line in printing.table(rows):
        terminal.say(line)
    for each in found:
        if each.get("warning"):
            terminal.say(f"{each.get('name')}: {each.get('warning')}")


@command.command("receipts")
@click.argument("receiver")
@with_project
@_cluster
@_limit
@output("text", "json", "yaml", default="text")
@with_server
def receipts(
    receiver: str,
    project: str | None,
    cluster: bool,
    limit: int | None,
    form: str,
    connect: Callable[[], Client],
) -> None:
    """Show what came to a receiver, the newest first: who looked because of it, and who did not and why.

    \b
    Examples:
      towpath webhooks receipts github -p sandbox-example
      towpath webhooks receipts github -p sandbox-example --limit 20 -o json
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    found = connect().webhook_receipts(_of(project, cluster), receiver, limit)
    if form != "text":
        printing.show_value({"items": found}, form)
        return
    if not found:
        terminal.tell("Nothing came.")
    for each in found:
        for line in lines(each):
            terminal.say(line)


@command.command("test")
@click.argument("receiver")
@with_project
@_cluster
@click.option(
    "--body",
    "file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the body of a delivery.",
)
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="NAME:VALUE", help="One of its headers."
)
@output("text", "json", "yaml", default="text")
@with_server
def test(
    receiver: str,
    project: str | None,
    cluster: bool,
    file: Path,
    headers: tuple[str, ...],
    form: str,
    connect: Callable[[], Client],
) -> int:
    """Say what would come of a delivery, as if its sender had shown the secret; nobody is woken. The exit code is 1 if it is refused.

    \b
    Examples:
      towpath webhooks test github -p sandbox-example --body push.json -H X-GitHub-Event:push
    """
    from towpath.cli import terminal
    from towpath.cli.forms import printing

    try:
        body = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"--body {file}: it cannot be read: {error}") from error
    answer = connect().try_webhook(_of(project, cluster), receiver, _headers(headers), body)
    receipt: Document = answer["receipt"]
    if form != "text":
        printing.show_value(answer, form)
    else:
        for line in lines(receipt, would=True):
            terminal.say(line)
    return 1 if int(receipt.get("status") or 0) >= _REFUSED else 0


def lines(receipt: Document, *, would: bool = False) -> list[str]:
    """Return a receipt as lines."""
    about: dict[str, Any] = receipt.get("about") or {}
    shown = [str(each) for key in ("urls", "refs", "tags") for each in (about.get(key) or ())]
    event = receipt.get("event") or "delivery"
    sender = "" if would else f" from {receipt.get('from')}"
    said = [
        f"{receipt.get('time')}  {receipt.get('status')}  {event}{sender}: {receipt.get('said')}"
    ]
    if shown:
        said.append(f"  about {', '.join(shown)}")
    words = {
        "woken": "would look" if would else "looked",
        "passed": "has no use for it",
        "failed": "could not be asked",
    }
    for key, word in words.items():
        items = receipt.get(key) or ()
        for each in items:
            why = f": {each.get('why')}" if each.get("why") else ""
            said.append(f"  {each.get('project')}/{each.get('name')} {word}{why}")
        more = int(receipt.get(f"{key}Count") or 0) - len(items)
        if more > 0:
            said.append(f"  and {more:,} more of which each {word}")
    return said


def _of(project: str | None, cluster: bool) -> str:
    return "" if cluster else needed(project)


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in given:
        name, colon, value = each.partition(":")
        if not colon or not name.strip():
            raise BadRequest(f"--header {each[:100]!r}: write NAME:VALUE")
        found[name.strip()] = value.strip()
    return found
