"""`explain freight/F`: what is attached to the images of Freight."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import Told
    from tests.unit.cli.fake_api import Api

    Call = Callable[..., Told]

PATH = "/towpath/v1/projects/shop/freight/fearless-fox/attached"
DIGEST = f"sha256:{'1' * 64}"


def _image(**told: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"repoURL": "r.example/app", "tag": "1.0.0", "digest": DIGEST}
    blank |= {"by": "api", "error": "", "askedAt": None, "attached": [], "isCut": False}
    return blank | told


def _attachment(**told: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"kind": "signature", "format": "notation", "predicate": ""}
    blank |= {"artifactType": "application/vnd.cncf.notary.signature", "mediaType": "m"}
    blank |= {"digest": DIGEST, "size": 1, "created": "2026-01-02T03:04:05Z"}
    return blank | {"annotations": {"signer": "ci"}, "by": "api"} | told


def test_each_image_is_told_of(api: Api, call: Call) -> None:
    """What is attached, that nothing is, that the registry does not tell, and what failed."""
    other = _attachment(kind="other", format="", artifactType="application/x", created=None)
    answer = {
        "freight": "0123",
        "alias": "fearless-fox",
        "images": [
            _image(attached=[_attachment(), other], isCut=True),
            _image(repoURL="r.example/bare"),
            _image(repoURL="r.example/old", by="nothing"),
            _image(repoURL="r.example/down", by="", error="it is down"),
        ],
        "leftOut": 2,
    }
    api.answer("GET", PATH, answer)
    told = call("explain", "freight/fearless-fox")
    assert told.code == 0, told.err
    assert told.lines[:6] == [
        "Freight 0123 (fearless-fox)",
        "",
        "  r.example/app:1.0.0  sha256:111111111111",
        "    signature   notation         sha256:111111111111  2026-01-02T03:04:05Z",
        "      application/vnd.cncf.notary.signature",
        "      signer: ci",
    ]
    assert "    other       application/x    sha256:111111111111" in told.lines
    assert "    and more" in told.lines
    assert "    nothing is attached" in told.lines
    assert any("neither the referrers API nor its tag" in line for line in told.lines)
    assert "    cannot be asked about: it is down" in told.lines
    assert "and 2 more images" in told.lines
    assert json.loads(call("explain", "freight", "fearless-fox", "-o", "json").out) == answer


def test_freight_without_images(api: Api, call: Call) -> None:
    """Is no failure."""
    api.answer("GET", PATH, {"freight": "0123", "alias": "", "images": [], "leftOut": 0})
    assert call("explain", "freight/fearless-fox").lines == ["Freight 0123", "  It has no images."]
