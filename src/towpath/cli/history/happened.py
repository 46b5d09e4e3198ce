"""Lines of history by what they are about: who, when, with which result; of one Stage or of a whole Project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.kinds import contents
from towpath.errors import BadRequest
from towpath.resources import durations

if TYPE_CHECKING:
    from towpath.cli.forms.printing import Look
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

KINDS: Final = {"promotions": "promotion", "approvals": "approval", "verifications": "verification"}
_COLUMNS: Final = ("at", "stage", "freight", "result", "actor", "name", "reason")
_VIA: Final = "via"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLines:
    """Which lines."""

    stage: str
    actor: str
    result: str
    since: str
    until: str
    most: int

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the Stage says which lines."""
        return bool(self.actor or self.result or self.since or self.until)


def lines(client: Client, project: str, wanted: WantedLines, of: str) -> list[Document]:
    """Return lines of a Project, the newest first."""
    return client.past(
        project=project,
        stage=wanted.stage,
        actor=wanted.actor,
        kind=KINDS[of],
        result=wanted.result,
        since=wanted.since,
        until=wanted.until,
        limit=wanted.most,
    )


def show(client: Client, project: str, items: list[Document], form: str, look: Look) -> None:
    """Print lines."""
    from towpath.cli.forms import printing

    if form in ("json", "yaml"):
        printing.show_value({"items": items}, form)
        return
    if not items:
        click.echo("Nothing of that kind has happened.", err=True)
        return
    freight = contents.known(client, project, [str(each.get("freight") or "") for each in items])
    is_wide = form == "wide"
    keys = (*_COLUMNS, _VIA) if is_wide else _COLUMNS
    rows = [[_cell(each, key, freight) for key in keys] for each in items]
    look = replace(look, cut=False) if is_wide else look
    printing.show_table([key.upper() for key in keys], rows, look)


def _cell(item: Document, key: str, freight: Any) -> str:
    if key == "freight":
        return contents.shown({"name": item.get("freight")}, freight)
    if key == _VIA:
        return asked_by(item)
    found = item.get(key)
    if key == "at" and isinstance(found, int | float):
        return datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "" if found is None else str(found)


def asked_by(item: Document) -> str:
    """Return by which means somebody asked, by which token, and from where; empty where that is not known."""
    found = item.get("via")
    if not isinstance(found, dict):
        return ""
    named = " ".join(str(found[key]) for key in ("means", "name") if found.get(key))
    return f"{named} from {found['address']}" if found.get("address") else named


def moment(option: str, text: str, *, now: datetime | None = None) -> str:
    """Return a moment with its zone, as RFC 3339, of one or of how long ago it was, such as `2h`.

    `now`: from when on that counts, by this machine's clock. Raises BadRequest, naming the option, for a text that is neither.
    """
    ago = durations.span(text)
    if ago is not None:
        try:
            return ((now or datetime.now(UTC)) - abs(ago)).isoformat()
        except OverflowError:
            raise BadRequest(f"{option} {text}: so long ago there is no history") from None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadRequest(
            f"{option} {text}: it must be a moment with its zone, such as 2026-01-31T12:00:00Z, or how long ago, such as 2h"
        )
    return found.isoformat()
