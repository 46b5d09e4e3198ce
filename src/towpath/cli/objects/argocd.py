"""`towpath get argocd`: the connections to installations of Argo CD, and how they fare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.cli.kinds.columns import at
from towpath.resources.document import texts

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.cli.forms.printing import Look
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

WORD: Final = "argocd"
"""By which they are asked for; `argocdconnections` are the objects that define some of them."""
_HEADERS: Final = ("NAME", "BY", "STATE", "LATENCY", "LAST EVENT", "APPS", "PROJECTS", "ERROR")
_WIDE: Final = ("DEFAULT", "DEFINED BY", "SINCE", "NAMESPACE", "URL")


def show(client: Client, names: tuple[str, ...], form: str, look: Look) -> int:
    """Print all connections, or those named; return the exit code: 1 if one of those named is missing."""
    from datetime import UTC, datetime

    from towpath.cli import terminal
    from towpath.cli.forms import printed_form, printing
    from towpath.errors import NotFound

    found, missing = [], 0
    for name in names:
        try:
            found.append(client.argocd_connection(name))
        except NotFound as error:
            missing += 1
            terminal.say(f"towpath: {error}", err=True)
    if not names:
        found = client.argocd_connections()
    if printed_form.is_document(form):
        is_one = len(names) == 1 and bool(found)
        printing.show_value(found[0] if is_one else {"items": found}, form)
    elif form == "name":
        for each in found:
            terminal.say(f"{WORD}/{at('name')(each)}")
    elif not found:
        terminal.say("No Argo CD is connected.", err=True)
    else:
        is_wide = form == "wide"
        now = datetime.now(UTC)
        headers = [*_HEADERS, *(_WIDE if is_wide else ())]
        rows = [_row(each, now, is_wide=is_wide) for each in found]
        printing.show_table(
            headers,
            rows,
            printing.Look(headers=look.headers, wide=is_wide, cut=look.cut and not is_wide),
        )
    return 1 if missing else 0


def _row(connection: Document, now: datetime, *, is_wide: bool) -> list[str]:
    latency = connection.get("latencyMilliseconds")
    row = [
        at("name")(connection),
        at("by")(connection),
        at("state")(connection),
        f"{latency:g}ms" if isinstance(latency, int | float) else "",
        _since(connection.get("lastEvent"), now),
        at("applications")(connection),
        ", ".join(texts(connection, "projects")),
        at("error")(connection),
    ]
    if is_wide:
        row += [
            "yes" if connection.get("default") is True else "",
            at("definedBy")(connection),
            _since(connection.get("since"), now),
            at("namespace")(connection),
            at("url")(connection),
        ]
    return row


def _since(moment: Any, now: datetime) -> str:
    from towpath.resources import ages

    return ages.age(moment, now) if moment else ""
