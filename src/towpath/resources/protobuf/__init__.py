"""Objects in Kubernetes' protobuf form, as kubectl and client-go send those of the core kinds: read, never written.

A body is four bytes of magic and an envelope that names the kind and carries the object. What is in the object is told
by `message_fields`, the numbers of the fields that `generated.proto` of Kubernetes' API packages gives them; fields it does
not tell of are skipped, as protobuf has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.errors import BadRequest, Unsupported
from towpath.resources.protobuf import message_fields, wire
from towpath.resources.protobuf.wire import FieldBudget, MalformedError

if TYPE_CHECKING:
    from towpath.resources.document import Document
    from towpath.resources.protobuf.message_fields import Message

MAGIC: Final = b"k8s\x00"


def decoded(body: bytes) -> Document:
    """Return the object of a body as JSON builtins, with `apiVersion` and `kind`.

    What a Go client always sends though it says nothing (empty texts, zero counts and times) is left out. Raises
    Unsupported for a kind that is not sent this way, BadRequest for what cannot be read.
    """
    if not body.startswith(MAGIC):
        raise BadRequest(
            "request body: it is no protobuf of Kubernetes: the first four bytes are not its own"
        )
    budget = FieldBudget()
    try:
        envelope = _read(memoryview(body)[len(MAGIC) :], message_fields.UNKNOWN, budget)
        if envelope.get("contentEncoding"):
            raise Unsupported(
                f"request body: protobuf in the encoding {envelope['contentEncoding'][:50]!r} is not taken; send it plain"
            )
        named = envelope.get("typeMeta") or {}
        api_version, kind = str(named.get("apiVersion", "")), str(named.get("kind", ""))
        message = message_fields.of(api_version, kind)
        if message is None:
            raise Unsupported(
                f"request body: a {kind or 'nameless kind'!s} of {api_version or 'no version'!s} is not taken as protobuf; "
                "send it as application/json"
            )
        document = _read(memoryview(envelope.get("raw", b"")), message, budget)
    except MalformedError as error:
        raise BadRequest(f"request body: the protobuf cannot be read: {error}") from error
    return {"apiVersion": api_version, "kind": kind, **document}


def _read(data: memoryview, message: Message, budget: FieldBudget) -> Document:
    """Return what a message says. Raises MalformedError."""
    found: Document = {}
    for number, value in wire.fields(data, budget):
        field = message.get(number)
        if field is None:
            continue
        read = field.read(value, lambda nested, of: _read(nested, of, budget))
        if field.is_map:
            found.setdefault(field.name, {}).update(read)
        elif field.is_repeated:
            found.setdefault(field.name, []).append(read)
        elif read is not None:
            found[field.name] = read
    return found
