"""What is wrong with a configuration that is applied, before it can be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.errors import BadRequest
from towpath.resources.managed_fields import elements, walking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.resources.document import Document
    from towpath.resources.schema import Schema


def check(schema: Schema, config: Document) -> None:
    """Raise BadRequest for items of associative lists that cannot be told apart: without a key, or with the same.

    It is worded as an API server words it, which answers 500 to the same.
    """
    found = list(_mistakes(schema, config, ""))
    if found:
        listed = found[0] if len(found) == 1 else "errors:" + "".join(f"\n  {one}" for one in found)
        raise BadRequest(f"failed to create typed patch object ({_name(config)}): {listed}")


def _mistakes(schema: Schema | None, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict) and walking.is_granular(schema):
        for name, child in value.items():
            yield from _mistakes(walking.of_field(schema, name), child, f"{where}.{name}")
    elif isinstance(value, list) and schema is not None and walking.is_associative(schema):
        known = set()
        for place, item in enumerate(value):
            try:
                element = elements.of_item(schema, item)
            except ValueError as error:
                yield f"{where}: element {place}: {error}"
                continue
            told = elements.printed([element])
            if element in known:
                yield f"{where}: duplicate entries for key {told}"
            known.add(element)
            yield from _mistakes(schema.items, item, f"{where}{told}")


def _name(config: Document) -> str:
    """Return what a configuration is of: `NAMESPACE/NAME; GROUP/VERSION, Kind=KIND`."""
    metadata = config.get("metadata")
    known = metadata if isinstance(metadata, dict) else {}
    version = str(config.get("apiVersion", ""))
    version = version if "/" in version else f"/{version}"
    who = f"{known.get('namespace', '')}/{known.get('name', '')}"
    return f"{who}; {version}, Kind={config.get('kind', '')}"
