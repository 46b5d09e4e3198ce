"""What is attached to images of Freight, in answers of our own API."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from towpath.server.shaped import MaybeMoment, Shaped


class ShownAttachment(Shaped):
    """One artifact that says it belongs to an image. Nobody has verified it.

    `by`: whether the registry's API has named it, the tag in its place, a tag of cosign's, or the index
    of the image itself.
    """

    kind: Literal["signature", "sbom", "attestation", "other"]
    format: str
    predicate: str
    artifact_type: str
    media_type: str
    digest: str
    size: int
    created: MaybeMoment
    annotations: dict[str, str]
    by: Literal["api", "tag", "cosign", "index"]


class ImageAttachments(Shaped):
    """What is attached to one image. `by`: how its registry tells; `nothing`: it has neither API nor tag; empty with `error`.

    `isCut`: there is more that is not shown.
    """

    repo_url: str = field(name="repoURL")
    tag: str
    digest: str
    by: Literal["", "api", "tag", "nothing"]
    error: str
    asked_at: MaybeMoment
    attached: list[ShownAttachment]
    is_cut: bool


class FreightAttached(Shaped):
    """What is attached to the images of a Freight. `leftOut`: images that are not asked about."""

    freight: str
    alias: str
    images: list[ImageAttachments]
    left_out: int
