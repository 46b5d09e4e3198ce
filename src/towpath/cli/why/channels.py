"""`towpath explain channel/NAME`: why nothing is delivered by a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.cli.kinds.columns import at

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.sdk.client import Client

WORDS: Final = {
    "MessageChannel": "messagechannels",
    "ClusterMessageChannel": "clustermessagechannels",
}
_MOST: Final = 5


def explained(client: Client, kind: str, project: str, name: str) -> Document:
    """Return a channel with the messages of the Project that wait for it or failed."""
    within = project if kind == "MessageChannel" else ""
    channel = client.get(WORDS[kind], within, name)
    own = [
        each
        for each in client.objects("messages", project)
        if at("spec", "channel", "kind")(each) == kind
        and at("spec", "channel", "name")(each) == name
    ]
    own.sort(key=at("spec", "order"))
    return {
        "channel": channel,
        "waiting": [each for each in own if at("status", "state")(each) in ("", "Waiting")],
        "failed": [each for each in own if at("status", "state")(each) == "Failed"],
    }


def lines(kind: str, answer: Document) -> list[str]:
    """Return the explanation of a channel."""
    channel = answer["channel"]
    status: dict[str, Any] = channel.get("status") or {}
    ready = [each for each in status.get("conditions") or () if at("type")(each) == "Ready"]
    found: Document = ready[0] if ready else {}
    said = [f"{kind} {at('metadata', 'name')(channel)}: {_fares(found)}"]
    if message := at("message")(found):
        said.append(f"  {message}")
    for label, key in (
        ("waiting", "waiting"),
        ("the oldest waits since", "oldestWaiting"),
        ("tried again at", "nextTry"),
        ("delivered last at", "lastDelivered"),
    ):
        if status.get(key):
            said.append(f"  {label}: {status[key]}")
    for title, key in (("Messages that wait", "waiting"), ("Messages that failed", "failed")):
        some = answer[key]
        if some:
            said += ["", f"{title} ({len(some)}):"]
            said += [f"  {_line(each)}" for each in some[:_MOST]]
            if len(some) > _MOST:
                said.append(f"  and {len(some) - _MOST} more")
    return said


def _fares(condition: Document) -> str:
    match at("status")(condition):
        case "True":
            return "delivers"
        case "False":
            return f"does not deliver ({at('reason')(condition)})"
    return "has delivered nothing yet"


def _line(message: Document) -> str:
    text = at("spec", "body")(message).partition("\n")[0][:80]
    tries = at("status", "attempts")(message) or "0"
    error = at("status", "lastError")(message)
    shown = f"{at('metadata', 'name')(message)}: {text!r}, tries: {tries}"
    return f"{shown}, {error}" if error else shown
