"""What an encoded message says. Pure; a long one is read in a process of its own."""

from __future__ import annotations

from typing import Any

from towpath import messages
from towpath.documents import xml_values
from towpath.documents.json import values as json_values
from towpath.documents.yaml import values as yaml_values
from towpath.errors import BadRequest
from towpath.resources.message import ENCODINGS


def decoded(body: str, encoding: str) -> dict[str, Any] | None:
    """Return the object that a message is encoded as; None for plain text. Raises BadRequest, naming the encoding."""
    if not encoding:
        return None
    if encoding not in ENCODINGS:
        raise BadRequest(f"encodingType: there is no {encoding!r}; it is json, yaml or xml")
    try:
        match encoding:
            case "json":
                found = json_values.value(body)
            case "yaml":
                found = yaml_values.first(body, "the message")
            case _:
                found = xml_values.value(body)
    except (ValueError, RecursionError, BadRequest) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        shown = messages.foreign(said, most_bytes=500)
        raise BadRequest(f"the message is no {encoding.upper()}: {shown}") from error
    if not isinstance(found, dict):
        raise BadRequest(
            f"the message must be an object of {encoding.upper()}, with the fields that its receiver knows"
        )
    return found
