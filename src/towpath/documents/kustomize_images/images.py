"""The `images` of a kustomization as values: what is there, what is wanted, and both together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEPT: Final = "*"
"""As a value: what is there stays."""
FIELDS: Final = {"newName": "new_name", "newTag": "new_tag", "digest": "digest"}
"""The fields that are set, in the order in which they are written, and what they are called here."""


@dataclass(frozen=True, slots=True)
class ImageSetting:
    """One of the images. An empty field is one that is not there."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""

    @property
    def reference(self) -> str:
        """The image that manifests will have, as far as it is set: `repository:tag@digest`."""
        tag = f":{self.new_tag}" if self.new_tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.new_name or self.name}{tag}{digest}"

    @property
    def fields(self) -> dict[str, str]:
        """The fields that are set, by their names in the file."""
        values = {field: getattr(self, ours) for field, ours in FIELDS.items()}
        return {field: value for field, value in values.items() if value}


def there(document: Any, source: str) -> list[ImageSetting]:
    """Return the images that a kustomization sets. Raises BadRequest naming `source` for what is no list of them."""
    if document is None:
        return []
    if not isinstance(document, dict):
        raise BadRequest(f"{source}: a kustomization is an object, this is none")
    listed = document.get("images")
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise BadRequest(f"{source}: images is no list; write a list of objects with a name")
    return [_read(each, f"{source}: images[{place}]") for place, each in enumerate(listed)]


def merged(current: Sequence[ImageSetting], wanted: Iterable[ImageSetting]) -> list[ImageSetting]:
    """Return the images that are to be set, by name.

    What is wanted takes the place of what is there under its name, all of it; `*` keeps a field as it is.
    """
    targets = {each.name: each for each in wanted}
    before = {each.name: each for each in current}
    whole = {**before, **{name: _kept(each, before.get(name)) for name, each in targets.items()}}
    return sorted(whole.values(), key=lambda each: each.name.encode("utf-8", "surrogatepass"))


def _kept(wanted: ImageSetting, there: ImageSetting | None) -> ImageSetting:
    kept = {
        field: getattr(there, field) if there is not None else ""
        for field in FIELDS.values()
        if getattr(wanted, field) == KEPT
    }
    return replace(wanted, **kept)


def _read(each: Any, place: str) -> ImageSetting:
    if not isinstance(each, dict):
        raise BadRequest(f"{place} is no object; write an object with a name")
    return ImageSetting(
        name=_text(each, "name", place),
        **{ours: _text(each, field, place) for field, ours in FIELDS.items()},
    )


def _text(each: Mapping[str, Any], field: str, place: str) -> str:
    value = each.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"{place}.{field} is no text; write it in quotes")
    return value
