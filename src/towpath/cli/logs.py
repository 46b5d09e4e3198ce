"""`towpath logs`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.options import needed, output, with_project, with_server
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.cli.waiting import Deadline
    from towpath.sdk.client import Client, Document

_PAUSE: Final = 1.0
_PATIENCE: Final = 60.0


@click.command("logs")
@click.argument("promotion")
@with_project
@click.option("--follow", is_flag=True, help="Go on until the Promotion has ended.")
@output("text", "json", "yaml", default="text")
@with_server
def command(
    promotion: str, project: str | None, follow: bool, form: str, connect: Callable[[], Client]
) -> None:
    """Show what the steps of a PROMOTION did and said, the Git server's `remote:` lines among it.

    \b
    Examples:
      towpath logs prod.01j0000000000000000000000.47b33c0 --project sandbox-example
      towpath logs prod.01j0000000000000000000000.47b33c0 --project sandbox-example --follow
    """
    from towpath.cli import kinds, printing, terminal
    from towpath.cli.waiting import Deadline

    kind, names = kinds.split(promotion, ())
    if names and kinds.named(kind).name != "Promotion":
        raise BadRequest(
            f"logs {promotion}: Promotions have logs; towpath explain asks about Stages"
        )
    name = names[0] if names else promotion
    where = needed(project)
    if form != "text":
        if follow:
            raise BadRequest("logs: --follow prints lines; leave out --output")
        printing.show_value(connect().log(where, name), form)
        return
    client = connect()
    show(lambda: client.log(where, name), terminal.say, Deadline(float("inf")), follow=follow)


def show(
    fetch: Callable[[], Document], say: Callable[[str], None], deadline: Deadline, *, follow: bool
) -> None:
    """Print the log that `fetch` returns; with `follow` what is new in it, again and again until it is done.

    A server that is away for less than a minute is waited for.
    """
    from towpath.errors import Timeout, Unavailable

    told: Counter[str] = Counter()
    heard, began = deadline.now(), False
    while True:
        try:
            answer = fetch()
        except (Unavailable, Timeout):
            if not (follow and began) or deadline.now() - heard > _PATIENCE:
                raise
        else:
            heard, began = deadline.now(), True
            seen: Counter[str] = Counter()
            for line in lines(answer):
                seen[line] += 1
                if seen[line] > told[line]:
                    say(line)
            told |= seen
            if not follow or answer.get("done"):
                return
        deadline.sleep(_PAUSE)


def lines(answer: Document) -> list[str]:
    """Return the lines of a log; a message of several lines is one, its further lines indented."""
    found = answer.get("lines")
    return (
        [_line(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    )


def _line(item: dict[str, Any]) -> str:
    from towpath.cli import terminal

    first, *further = terminal.visible_lines(str(item.get("message") or ""))
    head = [terminal.visible(str(item.get(key) or "")) for key in ("time", "step", "status")]
    shown = "  ".join(part for part in (*head, first) if part)
    return "\n".join([shown, *(f"    {more}" for more in further)])
