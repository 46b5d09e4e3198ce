"""Sets the images of a kustomization in its text; what is not about them stays, to the byte.

Scalars that are there already are set as `yaml-update` sets them. Fields and entries that are new get lines of their own,
and entries are put in the order of their names, each with the comments before it. The text is read again: it must say what it
said but for the images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.documents import encoding, yaml
from towpath.documents.edits import Update
from towpath.documents.kustomize_images import images, layout
from towpath.documents.kustomize_images.images import FIELDS, ImageSetting
from towpath.documents.yaml import values
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class SetImages:
    """A kustomization with its images set."""

    data: bytes
    images: tuple[ImageSetting, ...]
    """All that it sets now, by name."""


def set_images(data: bytes, wanted: Sequence[ImageSetting], *, source: str) -> SetImages:
    """Return a kustomization that sets images, beside those that it sets already.

    Raises BadRequest naming `source` for what is no kustomization, and for an edit that does not read back.
    """
    head, text = encoding.decoded(data, source)
    document = values.texts(text, source)
    current = images.there(document, source)
    after = images.merged(current, wanted)
    if [(each.name, each.fields) for each in current] == [
        (each.name, each.fields) for each in after
    ]:
        return SetImages(data, tuple(after))
    text = _with_scalars(text, document, after, source)
    text = layout.with_entries(text, after, source)
    if values.texts(text, source) != _expected(document, after):
        raise BadRequest(
            f"{source}: no way was found to write the images so that the file says what it said but for them; the file is left "
            "as it is. Write images as a list with one entry a line, and try again"
        )
    return SetImages(f"{head}{text}".encode(), tuple(after))


def _with_scalars(text: str, document: Any, after: Sequence[ImageSetting], source: str) -> str:
    """Set the fields that are there and stay there."""
    by_name = {each.name: each.fields for each in after}
    updates = [
        Update(f"images.{place}.{field}", value)
        for place, entry in enumerate((document or {}).get("images") or ())
        for field, value in by_name[entry.get("name") or ""].items()
        if field in entry and (entry[field] or "") != value
    ]
    if not updates:
        return text
    return yaml.update(text.encode(), updates, source=source).data.decode()


def _expected(document: Any, after: Sequence[ImageSetting]) -> Any:
    """Return what the file is to say: entries by name, with what else stands in them."""
    listed = (document or {}).get("images") or []
    by_name: dict[str, list[Any]] = {}
    for entry in listed:
        by_name.setdefault(entry.get("name") or "", []).append(entry)
    found: list[Any] = []
    for each in after:
        twins = by_name.get(each.name, [{"name": each.name}])
        found += [
            {
                **{key: value for key, value in entry.items() if key not in FIELDS or not value},
                **each.fields,
            }
            for entry in twins
        ]
    return {**(document or {}), "images": found}
