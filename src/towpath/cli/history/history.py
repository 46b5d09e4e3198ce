"""`towpath history`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from towpath.cli.history import happened
from towpath.cli.kinds import contents
from towpath.cli.options import needed, output, with_project, with_server, with_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.cli.forms.printing import Look
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_COLUMNS: Final = {
    "freight": ("origin", "freight", "since", "until", "promotion"),
    "promotions": ("name", "freight", "created", "finished", "phase", "actor", "retries", "reason"),
    "approvals": ("freight", "since", "until", "actor", "reason"),
    "verifications": ("freight", "started", "finished", "phase", "actor", "message"),
}
_FREIGHT_NAME: Final = "freight name"
_WIDE: Final = (_FREIGHT_NAME,)
_WIDE_OF: Final = dict.fromkeys(("promotions", "approvals", "verifications"), ("via",))


@click.command("history")
@click.argument("stage", required=False, default="")
@with_project
@click.option(
    "--at",
    metavar="TIME",
    help="What was in it then, such as 2026-01-31T12:00:00Z (RFC 3339), or how long ago, such as 2h.",
)
@click.option(
    "--of",
    "kind",
    type=click.Choice(list(_COLUMNS)),
    default="freight",
    show_default=True,
    help="What of: stays of Freight, Promotions to the Stage, approvals for it, or verifications.",
)
@click.option(
    "--since",
    metavar="TIME",
    default="",
    help="Not before: a moment (RFC 3339), or how long ago, such as 2h.",
)
@click.option("--until", metavar="TIME", default="", help="Before: as --since.")
@click.option(
    "--actor", default="", help="Only of what they asked for, such as email:eva@example.com."
)
@click.option("--result", default="", help="Only what has come to this, such as Failed.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Lines of a whole Project, or of what the options above select.",
)
@output("table", "wide", "json", "yaml", default="table")
@with_table
@with_server
def command(
    stage: str,
    project: str | None,
    at: str | None,
    kind: str,
    since: str,
    until: str,
    actor: str,
    result: str,
    limit: int,
    form: str,
    look: Look,
    connect: Callable[[], Client],
) -> None:
    """Show which Freight was in a STAGE, from when to when, also of a Stage that is no more; or what happened in a Project.

    `--of promotions` shows what was tried and how it went, and which Promotion a retry tries again; `--of approvals` who
    approved Freight for it and why, `--of verifications` how it was verified.

    Without a STAGE, and with --since, --until, --actor or --result, it shows Promotions (or approvals, verifications), a line for
    each, the newest first.

    \b
    Examples:
      towpath history --project sandbox-example --since 12h
      towpath history --project sandbox-example --result Failed --since 2026-01-01T00:00:00Z
      towpath history prod --project sandbox-example --actor email:eva@example.com
      towpath history prod --project sandbox-example
      towpath history prod --project sandbox-example --at 2026-01-31T12:00:00Z
      towpath history prod --project sandbox-example --of approvals
    """
    from towpath.cli.forms import printing

    wanted = happened.WantedLines(
        stage=stage,
        actor=actor,
        result=result,
        since=happened.moment("--since", since) if since else "",
        until=happened.moment("--until", until) if until else "",
        most=limit,
    )
    if wanted.is_narrowed or not stage:
        if at is not None:
            raise click.UsageError("--at goes with a STAGE alone: what was in it then")
        client, where = connect(), needed(project)
        of = "promotions" if kind == "freight" else kind
        happened.show(client, where, happened.lines(client, where, wanted, of), form, look)
        return
    client, where = connect(), needed(project)
    if at is not None and kind != "freight":
        raise click.UsageError(f"--at goes with the history of freight, not with --of {kind}")
    items = client.history(
        where, stage, happened.moment("--at", at) if at is not None else "", kind
    )
    if form in ("json", "yaml"):
        printing.show_value({"items": items}, form)
    elif not items:
        click.echo(_nothing(stage, at, kind), err=True)
    else:
        is_wide = form == "wide"
        keys = (*_COLUMNS[kind], *_WIDE_OF.get(kind, ()), *_WIDE) if is_wide else _COLUMNS[kind]
        freight = contents.known(client, where, [name for item in items for name in _names(item)])
        rows = [[_cell(item, key, freight) for key in keys] for item in items]
        look = replace(look, cut=False) if is_wide else look
        printing.show_table([key.upper() for key in keys], rows, look)


def _cell(item: Document, key: str, freight: Mapping[str, Document]) -> str:
    if key == "freight" and isinstance(item.get("freight"), list):
        return ", ".join(contents.shown({"name": name}, freight) for name in _names(item))
    if key == "freight":
        reference = item.get("reference")
        held = reference if isinstance(reference, dict) else {}
        return contents.shown({**held, "name": item.get("freight")}, freight)
    if key == _FREIGHT_NAME:
        return ", ".join(_names(item))
    if key == "retries":
        return _retried(item)
    if key == "via":
        return happened.asked_by(item)
    found = item.get(key)
    if key == "promotion" and (retried := _retried(item)):
        return f"{found} (retries {retried})"
    return "" if found is None else str(found)


def _retried(item: Document) -> str:
    """Return which Promotion one tries again and from which step; empty for what is no retry."""
    found = item.get("retries")
    if not isinstance(found, dict):
        return ""
    step = found.get("fromStep")
    return f"{found.get('promotion')}" + (f" from step {step}" if step else "")


def _names(item: Document) -> list[str]:
    """Return the names of the Freight that a record is about: a verification may be of several."""
    found = item.get("freight")
    return [str(name) for name in (found if isinstance(found, list) else [found or ""])]


def _nothing(stage: str, at: str | None, kind: str) -> str:
    if kind != "freight":
        return f"There were no {kind} for Stage {stage}."
    return f"Nothing was in Stage {stage}" + (f" at {at}." if at is not None else ".")
