"""`towpath explain warehouse W`: what a Warehouse finds and why, and what it would find by another manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest, Forbidden
from towpath.resources.document import documents

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

_MOST_OFFERED: Final = 5
"""Of a subscription, behind the one that wins."""
_MOST_EXCLUDED: Final = 10


def explained(client: Client, project: str, name: str, trial: str | None) -> Document:
    """Return what becomes of each candidate; for who may not have the Warehouse looked at, what is known.

    `trial`: a file with another manifest of it. Raises BadRequest for one that is no such manifest.
    """
    if trial is not None:
        return client.look_at_warehouse(project, name, _manifest(trial, name))
    try:
        return client.look_at_warehouse(project, name)
    except Forbidden:
        return client.explain_warehouse(project, name)


def _manifest(file: str, name: str) -> Document:
    """Return the manifest of the Warehouse among the documents of a file."""
    from towpath.cli.manifests import files

    for source in files.read([file], recursive=False):
        document = source.document
        metadata = document.get("metadata")
        named = metadata.get("name") if isinstance(metadata, dict) else None
        if document.get("kind") == "Warehouse" and named == name:
            return document
    raise BadRequest(f"--with {file}: it holds no manifest of Warehouse {name}")


def lines(answer: Document) -> list[str]:
    """Return an explanation as lines."""
    said = [f"Warehouse {answer.get('warehouse')}" + _by_what(answer)]
    if answer.get("lastLook"):
        said.append(
            f"  looked at last: {answer['lastLook']}; next: {answer.get('nextLook') or '-'}"
        )
    spent = answer.get("spent")
    if isinstance(spent, dict):
        said.append(
            f"  {spent.get('looks'):,} looks since {spent.get('since')}: {spent.get('requests'):,} requests, "
            f"{spent.get('bytes'):,} bytes; the last one {spent.get('lastRequests'):,} and {spent.get('lastBytes'):,}"
        )
    failing = answer.get("failing")
    if isinstance(failing, dict):
        said.append(f"  failing since {failing.get('since')}: {failing.get('message')}")
    settling = answer.get("settling")
    if isinstance(settling, dict):
        said.append(
            f"  a burst of pushes settles: Freight at {settling.get('until')}, at {settling.get('latest')} at the latest"
        )
    for each in documents(answer, "silentReceivers"):
        named = f"webhook receiver {each.get('name')}" if each.get("name") else "a webhook receiver"
        said.append(
            f"  {named} of the {each.get('of')}, which had it look: {each.get('said')}: {each.get('remedy')}"
        )
    for each in documents(answer, "subscriptions"):
        said += ["", *_subscription(each)]
    freight = answer.get("freight")
    if isinstance(freight, dict):
        said += ["", f"Freight: {_freight(freight)}"]
    return said


def _by_what(answer: Document) -> str:
    if answer.get("edited"):
        return ", as it would be by the file; nothing is stored"
    if not answer.get("explainedAt"):
        return ": what the last look found. What it did not take is told to who may update the Warehouse"
    return f", looked at {answer['explainedAt']}"


def _subscription(told: dict[str, Any]) -> list[str]:
    from towpath.cli.forms import printing

    named = f" ({told['name']})" if told.get("name") else ""
    said = [f"{told.get('type')} {told.get('repoURL') or ''}".rstrip() + named]
    if told.get("error"):
        return [*said, f"  cannot be looked at: {told['error']}"]
    candidates = documents(told, "candidates")
    offered = [each for each in candidates if each.get("outcome") != "excluded"]
    excluded = [each for each in candidates if each.get("outcome") == "excluded"]
    if not offered:
        said.append("  nothing is found")
    rows = [
        [
            f"  {'wins' if each.get('outcome') == 'wins' else 'found'}",
            _text(each, "name"),
            _why(each),
        ]
        for each in offered[: _MOST_OFFERED + 1]
    ]
    rows += [
        ["  out", _text(each, "name"), f"{_text(each, 'rule')}: {_text(each, 'reason')}"]
        for each in excluded[:_MOST_EXCLUDED]
    ]
    said += printing.table(rows) if rows else []
    more = len(offered) - _MOST_OFFERED - 1
    if more > 0:
        said.append(f"  and {more} more that are found")
    counts = documents(told, "excluded")
    if counts:
        all_of_them = ", ".join(f"{each.get('rule')} {each.get('count'):,}" for each in counts)
        said.append(f"  kept out: {all_of_them}")
    return said + [f"  note: {note}" for note in told.get("notes") or ()]


def _why(candidate: dict[str, Any]) -> str:
    return "; ".join(filter(None, (_text(candidate, "reason"), _text(candidate, "detail"))))


def _freight(freight: dict[str, Any]) -> str:
    name, alias = _text(freight, "name"), _text(freight, "alias")
    called = f"{alias} ({name[:7]})" if alias else name[:7]
    return ": ".join(filter(None, (called, _text(freight, "message"))))


def _text(told: dict[str, Any], key: str) -> str:
    return str(told.get(key) or "")
