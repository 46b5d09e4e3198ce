"""`towpath get debt`: which Freight passed a Stage without a verdict, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from towpath.cli.kinds.columns import at
from towpath.resources.document import documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.cli.forms.printing import Look
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

WORD: Final = "debt"
"""By which it is asked for."""
_HEADERS: Final = ("STAGE", "FREIGHT", "SINCE", "UNTIL", "VERDICT", "REASON", "MESSAGE")
_WIDE: Final = ("FREIGHT NAME", "PROMOTION", "ANALYSISRUN")


def show(client: Client, project: str, stage: str, form: str, look: Look) -> int:
    """Print the Freight that lacks a verdict that it should have; `-o wide` all stays with what became of each."""
    from towpath.cli import terminal
    from towpath.cli.forms import printed_form, printing
    from towpath.cli.kinds import contents

    is_wide = form == "wide"
    answer = client.debt(project, stage, owed=not is_wide)
    items = documents(answer, "items")
    if printed_form.is_document(form):
        printing.show_value(answer, form)
        return 0
    if form == "name":
        for each in items:
            terminal.say(f"freight.kargo.akuity.io/{at('freight')(each)}")
        return 0
    if not items:
        where = f"Stage {stage}" if stage else f"Project {project}"
        terminal.say(f"All Freight that was in {where} has a verdict, or needs none.", err=True)
        return 0
    freight = contents.known(client, project, [at("freight")(each) for each in items])
    rows = [_row(each, freight, is_wide=is_wide) for each in items]
    headers = [*_HEADERS, *(_WIDE if is_wide else ())]
    printing.show_table(headers, rows, replace(look, cut=False) if is_wide else look)
    if since := at("since")(answer):
        terminal.say(f"What was before {since} is not told.", err=True)
    return 0


def _row(item: Document, freight: Mapping[str, Document], *, is_wide: bool) -> list[str]:
    from towpath.cli.kinds import contents

    row = [
        at("stage")(item),
        contents.shown({"name": item.get("freight")}, freight),
        at("since")(item),
        at("until")(item),
        at("verdict")(item),
        at("reason")(item),
        at("message")(item),
    ]
    if is_wide:
        row += [at("freight")(item), at("promotion")(item), at("analysisRun")(item)]
    return row
