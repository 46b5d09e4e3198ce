"""Content negotiation: which of the media types that a caller accepts we answer with.

Clients list what they prefer first; parameters such as `as=Table;v=v1;g=meta.k8s.io` ask for another form of the same
objects. Protobuf is never written: every client lists JSON behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from towpath.server.kube.status import NotAcceptable

JSON: Final = "application/json"
YAML: Final = "application/yaml"
_META: Final = "meta.k8s.io"
ANY: Final = ("*/*", "application/*")
_MOST_RANGES: Final = 50

Form = Literal["", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an answer is to be."""

    media_type: str = JSON
    form: Form = ""
    """Empty: the objects as they are."""
    version: str = "v1"
    """Of `meta.k8s.io`, for the other forms."""


def ranges(header: str) -> list[tuple[str, dict[str, str]]]:
    """Return the media ranges of an `Accept` header with their parameters, the preferred ones first.

    `q` orders them (RFC 9110 §12.4.2), and among equals their place.
    """
    found: list[tuple[float, str, dict[str, str]]] = []
    for part in header.split(",")[:_MOST_RANGES]:
        media_type, *rest = (piece.strip() for piece in part.split(";"))
        if not media_type:
            continue
        parameters = {
            key.strip().lower(): value.strip().strip('"')
            for key, equals, value in (piece.partition("=") for piece in rest)
            if equals
        }
        try:
            quality = float(parameters.pop("q", "1"))
        except ValueError:
            quality = 0.0
        if quality > 0:
            found.append((quality, media_type.lower(), parameters))
    found.sort(key=lambda one: -one[0])
    return [(media_type, parameters) for _, media_type, parameters in found]


def negotiated(header: str, *, forms: tuple[str, ...] = ()) -> Accepted:
    """Return what an answer is to be. `forms`: the other forms it can take. Raises NotAcceptable."""
    offered = ranges(header)
    for media_type, parameters in offered:
        if media_type in ANY:
            return Accepted()
        if media_type not in (JSON, YAML):
            continue
        form, version = parameters.get("as", ""), parameters.get("v", "")
        if not form:
            return Accepted(media_type)
        if form in forms and parameters.get("g") == _META and version in ("v1", "v1beta1"):
            return Accepted(media_type, form, version)  # type: ignore[arg-type]  # it is one of `forms`
    if not offered:
        return Accepted()
    raise NotAcceptable(
        "only the following media types are accepted: application/json, application/yaml"
        + "".join(f", application/json;as={form};v=v1;g={_META}" for form in forms)
    )
