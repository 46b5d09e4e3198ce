"""What an artifact is that refers to an image, by the media types and annotations that those who attach them use. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class AttachmentKind(enum.StrEnum):
    """What people call it."""

    SIGNATURE = "signature"
    SBOM = "sbom"
    ATTESTATION = "attestation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is attached."""

    kind: AttachmentKind
    format: str = ""
    """Whose: `cosign`, `notation`, `SPDX`, `CycloneDX`, `SLSA provenance`; empty where that is not known."""
    predicate: str = ""
    """The type of an attestation's statement; empty where none is told."""


_PREDICATES: Final = (
    "predicateType",
    "in-toto.io/predicate-type",
    "dev.sigstore.bundle.predicateType",
)
"""Annotations of cosign's tags, of BuildKit and ORAS, and of Sigstore's bundles."""
_CONTENT: Final = "dev.sigstore.bundle.content"
_STATEMENTS: Final = (
    ("https://sigstore.dev/cosign/sign/", AttachmentKind.SIGNATURE, "cosign"),
    ("https://slsa.dev/provenance/", AttachmentKind.ATTESTATION, "SLSA provenance"),
    ("https://slsa.dev/verification_summary/", AttachmentKind.ATTESTATION, "SLSA verification"),
    ("https://spdx.dev/", AttachmentKind.SBOM, "SPDX"),
    ("https://cyclonedx.org/", AttachmentKind.SBOM, "CycloneDX"),
    ("https://in-toto.io/attestation/vulns", AttachmentKind.ATTESTATION, "vulnerabilities"),
    (
        "https://cosign.sigstore.dev/attestation/vuln/",
        AttachmentKind.ATTESTATION,
        "vulnerabilities",
    ),
    ("https://openvex.dev/", AttachmentKind.ATTESTATION, "OpenVEX"),
)
"""Begins of predicate types, as in-toto's and Sigstore's documentation list them."""
_TYPES: Final = (
    ("application/vnd.cncf.notary.", AttachmentKind.SIGNATURE, "notation"),
    ("application/vnd.dev.cosign.simplesigning.", AttachmentKind.SIGNATURE, "cosign"),
    ("application/vnd.dev.cosign.artifact.sig.", AttachmentKind.SIGNATURE, "cosign"),
    ("application/vnd.dev.cosign.artifact.sbom.", AttachmentKind.SBOM, ""),
    ("application/vnd.dev.cosign.artifact.att.", AttachmentKind.ATTESTATION, "in-toto"),
    ("application/spdx", AttachmentKind.SBOM, "SPDX"),
    ("text/spdx", AttachmentKind.SBOM, "SPDX"),
    ("application/vnd.cyclonedx", AttachmentKind.SBOM, "CycloneDX"),
    ("application/vnd.syft", AttachmentKind.SBOM, "Syft"),
    ("application/vnd.goharbor.harbor.sbom.", AttachmentKind.SBOM, ""),
    ("application/vnd.in-toto.spdx", AttachmentKind.SBOM, "SPDX"),
    ("application/vnd.in-toto.cyclonedx", AttachmentKind.SBOM, "CycloneDX"),
    ("application/vnd.in-toto.provenance", AttachmentKind.ATTESTATION, "SLSA provenance"),
    ("application/vnd.in-toto", AttachmentKind.ATTESTATION, "in-toto"),
    ("application/vnd.dsse.", AttachmentKind.ATTESTATION, "in-toto"),
)
"""Begins of media types; the first that fits counts."""
_BUNDLE: Final = "application/vnd.dev.sigstore.bundle"


def attachment_of(
    artifact_type: str, media_type: str, annotations: Mapping[str, str]
) -> Attachment:
    """Return what an artifact is that has these types and annotations.

    What it states goes before how it is wrapped: an SBOM in an attestation is an SBOM. Media types are compared without
    regard to the letter case (RFC 6838, section 4.2).
    """
    predicate = next((found for key in _PREDICATES if (found := annotations.get(key))), "")
    for begin, kind, format_ in _STATEMENTS:
        if predicate.startswith(begin):
            return Attachment(kind, format_, predicate)
    wanted = (artifact_type or media_type).lower()
    if wanted.startswith(_BUNDLE):
        is_message = annotations.get(_CONTENT) == "message-signature"
        if is_message or not (predicate or _CONTENT in annotations):
            return Attachment(AttachmentKind.SIGNATURE, "Sigstore bundle", predicate)
        return Attachment(AttachmentKind.ATTESTATION, "in-toto", predicate)
    for begin, kind, format_ in _TYPES:
        if wanted.startswith(begin):
            return Attachment(kind, format_, predicate)
    if predicate:
        return Attachment(AttachmentKind.ATTESTATION, "in-toto", predicate)
    return Attachment(AttachmentKind.OTHER)
