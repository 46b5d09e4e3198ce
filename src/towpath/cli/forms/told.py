"""Tells of one object that was written: in a line, or as the object itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.cli import terminal
from towpath.cli.forms import printed_form, printing

if TYPE_CHECKING:
    from towpath.cli.kinds.kinds import NamedKind
    from towpath.resources.document import Document


def told(kind: NamedKind, document: Document, verb: str, form: str) -> None:
    """Print `secret/NAME created`, or the object in the form that was asked for."""
    if printed_form.is_document(form):
        printing.show_documents([(kind, document)], form, bare=True)
        return
    name = f"{kind.printed}/{printing.name_of(document)}"
    if form == "name":
        terminal.say(name)
    else:
        terminal.tell(f"{name} {verb}")
