"""What something attached is, by its types and annotations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.rules.attachments import AttachmentKind, attachment_of

_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_DSSE = "application/vnd.dsse.envelope.v1+json"
_IN_BUNDLE = "dev.sigstore.bundle.predicateType"


@pytest.mark.parametrize(
    ("artifact_type", "annotations", "kind", "told"),
    [
        ("application/vnd.cncf.notary.signature", {}, "signature", "notation"),
        ("application/vnd.dev.cosign.artifact.sig.v1+json", {}, "signature", "cosign"),
        ("application/vnd.dev.cosign.simplesigning.v1+json", {}, "signature", "cosign"),
        (_BUNDLE, {}, "signature", "Sigstore bundle"),
        (_BUNDLE, {"dev.sigstore.bundle.content": "message-signature"}, "signature", "Sigstore"),
        (_BUNDLE, {_IN_BUNDLE: "https://sigstore.dev/cosign/sign/v1"}, "signature", "cosign"),
        (_BUNDLE, {_IN_BUNDLE: "https://slsa.dev/provenance/v1"}, "attestation", "SLSA provenance"),
        (_BUNDLE, {_IN_BUNDLE: "https://example.com/own"}, "attestation", "in-toto"),
        ("application/spdx+json", {}, "sbom", "SPDX"),
        ("text/spdx", {}, "sbom", "SPDX"),
        ("application/vnd.CycloneDX+json", {}, "sbom", "CycloneDX"),
        ("application/vnd.in-toto+json", {}, "attestation", "in-toto"),
        (_DSSE, {"predicateType": "https://spdx.dev/Document"}, "sbom", "SPDX"),
        (_DSSE, {"predicateType": "https://cyclonedx.org/bom"}, "sbom", "CycloneDX"),
        (_DSSE, {"predicateType": "https://slsa.dev/provenance/v0.2"}, "attestation", "SLSA"),
        (_DSSE, {}, "attestation", "in-toto"),
        ("application/x", {"in-toto.io/predicate-type": "p"}, "attestation", "in-toto"),
        ("application/vnd.acme.scan", {}, "other", ""),
        ("", {}, "other", ""),
    ],
)
def test_what_it_is(artifact_type: str, annotations: dict[str, str], kind: str, told: str) -> None:
    """What it states goes before how it is wrapped."""
    for given_as in ((artifact_type, "application/json"), ("", artifact_type)):
        found = attachment_of(*given_as, annotations)
        assert found.kind == kind
        assert found.format.startswith(told)


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_whatever_strangers_write_is_something(
    artifact_type: str, media_type: str, annotations: dict[str, str]
) -> None:
    """It is always one of the four."""
    assert attachment_of(artifact_type, media_type, annotations).kind in AttachmentKind
