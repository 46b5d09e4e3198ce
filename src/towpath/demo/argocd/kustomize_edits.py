"""What `spec.source.kustomize` changes in a kustomization before it is built, as `kustomize edit` would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from towpath.demo.argocd.keys import Document

_IMAGE: Final = re.compile(
    r"(?:(?P<name>[^=]+)=)?(?P<new>[^@]*?)(?::(?P<tag>[^:/@]*))?(?:@(?P<digest>.+))?"
)
_COPIED: Final = ("namePrefix", "nameSuffix", "namespace", "commonLabels", "commonAnnotations")


def edited(kustomization: Document, wanted: Document) -> Document:
    """Return a kustomization with what an Application's source says of it."""
    made = dict(kustomization)
    for field in _COPIED:
        value = wanted.get(field)
        if isinstance(value, dict):
            made[field] = {**(made.get(field) or {}), **value}
        elif value:
            made[field] = value
    for field in ("replicas", "patches", "components"):
        if wanted.get(field):
            made[field] = [*(made.get(field) or []), *wanted[field]]
    if images := [image(each) for each in wanted.get("images") or ()]:
        named = {each["name"] for each in images}
        kept = [each for each in made.get("images") or [] if each.get("name") not in named]
        made["images"] = [*kept, *images]
    return made


def image(text: str) -> dict[str, Any]:
    """Return an override of an image, `NAME=NEW:TAG` or without `NAME=`, as kustomizations have it."""
    match = _IMAGE.fullmatch(text)
    if match is None:
        return {"name": text}
    made = {"name": match["name"] or match["new"]}
    if match["name"] and match["new"]:
        made["newName"] = match["new"]
    if match["tag"]:
        made["newTag"] = match["tag"]
    if match["digest"]:
        made["digest"] = match["digest"]
    return made
