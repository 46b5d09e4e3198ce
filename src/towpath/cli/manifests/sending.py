"""Sending manifests in portions that the server takes, and telling what became of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from towpath.cli import terminal
from towpath.cli.forms import printed_form, printing
from towpath.cli.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from towpath.cli.manifests.files import SourcedManifest
    from towpath.resources.document import Document
    from towpath.sdk.calls.manifests import Outcome

    Send = Callable[[Sequence[Document]], list[Outcome]]

_LARGEST: Final = 3 << 20
"""Bytes of one request: below the 4 MiB that the server reads."""
_MOST: Final = 500
"""Documents of one request: the server takes twice as many."""


def send(
    sources: Sequence[SourcedManifest],
    send_portion: Send,
    form: str,
    *,
    is_repeatable: bool = False,
) -> int:
    """Send documents in order and print for each what became of it. Returns the exit code.

    A document that is refused stops none of those after it. `is_repeatable`: sending one again changes nothing; what is
    warned of before the last portion is then asked anew after it, when all that the documents name is there.
    """
    refused = 0
    done: list[Document] = []
    portions = list(_portions(sources))
    early: list[SourcedManifest] = []
    for number, portion in enumerate(portions, 1):
        outcomes = send_portion([source.document for source in portion])
        for source, outcome in zip(portion, outcomes, strict=True):
            if (
                outcome.warnings
                and outcome.error is None
                and is_repeatable
                and number < len(portions)
            ):
                early.append(source)
            else:
                _warn(source, outcome)
            if outcome.error is not None:
                refused += 1
                message = outcome.error.message
                if source.remedy and "metadata.namespace" in message:
                    message = f"{message}; {source.remedy}"
                terminal.say(f"{source.place(message)}: {source.named}: {message}", err=True)
            elif printed_form.is_document(form):
                done.append(printing.without_managed(outcome.document, form))
            elif form == "name":
                terminal.say(told(outcome.document or source.document, ""))
            else:
                terminal.tell(told(outcome.document or source.document, outcome.verb))
    for portion in _portions(early):
        outcomes = send_portion([source.document for source in portion])
        for source, outcome in zip(portion, outcomes, strict=True):
            _warn(source, outcome)
    if done:
        listed = {"apiVersion": "v1", "kind": "List", "items": done}
        printing.show_value(done[0] if len(sources) == 1 else listed, form)
    return 1 if refused else 0


def _warn(source: SourcedManifest, outcome: Outcome) -> None:
    for warning in outcome.warnings:
        terminal.say(f"{source.place(warning)}: {source.named}: warning: {warning}", err=True)


def told(document: Document, verb: str) -> str:
    """Return `stage.kargo.akuity.io/NAME created`, as kubectl words it."""
    version, kind = kinds.at("apiVersion")(document), kinds.at("kind")(document).lower()
    group, slash, _ = version.rpartition("/")
    named = f"{kind}.{group}" if slash else kind
    return f"{named}/{printing.name_of(document)} {verb}".rstrip()


def _portions(sources: Sequence[SourcedManifest]) -> Iterator[list[SourcedManifest]]:
    portion: list[SourcedManifest] = []
    size = 0
    for source in sources:
        length = len(json.dumps(source.document))
        if portion and (size + length > _LARGEST or len(portion) == _MOST):
            yield portion
            portion, size = [], 0
        portion.append(source)
        size += length
    if portion:
        yield portion
