"""`Chart.lock`: which versions the ranges of `Chart.yaml` were taken for, and a digest over both. Pure.

The digest is Helm's, to the byte: whoever builds the chart with Helm compares it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from towpath.documents import chart
from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_FIELDS: Final = (
    "name",
    "version",
    "repository",
    "condition",
    "tags",
    "enabled",
    "import-values",
    "alias",
)
"""In the order in which Helm writes them; empty ones are left out, but for the first and the third."""
_ALWAYS: Final = frozenset({"name", "repository"})


@dataclass(frozen=True, slots=True)
class Locked:
    """A dependency with the one version that was taken."""

    name: str
    repository: str
    version: str

    @property
    def document(self) -> dict[str, str]:
        """It as `Chart.lock` has it."""
        return {"name": self.name, "repository": self.repository, "version": self.version}


@dataclass(frozen=True, slots=True)
class ChartLock:
    """What `Chart.lock` says."""

    dependencies: tuple[Locked, ...]
    digest: str


def read(data: bytes, source: str) -> ChartLock:
    """Return what a `Chart.lock` says. Raises BadRequest naming `source`."""
    document = chart.first_document(data, source)
    if not isinstance(document, dict):
        raise BadRequest(f"{source}: it is not a mapping; remove it, and it is made anew")
    found = [
        Locked(_text(each, "name"), _text(each, "repository"), _text(each, "version"))
        for each in chart.dependencies(data, source)
    ]
    return ChartLock(tuple(found), _text(document, "digest"))


def digest(required: Sequence[Mapping[str, Any]], locked: Sequence[Locked]) -> str:
    """Return the digest over what a chart asks for and what was taken for it."""
    both = [[_as_helm(each) for each in required], [_as_helm(each.document) for each in locked]]
    text = json.dumps(both, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":  # as Go writes them
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def written(locked: Sequence[Locked], digest_: str, moment: datetime) -> bytes:
    """Return a `Chart.lock` as Helm writes it."""
    document = {
        "dependencies": [each.document for each in locked],
        "digest": digest_,
    }
    text: str = yaml.safe_dump(document, sort_keys=True, allow_unicode=True, width=1 << 20)
    return f'{text}generated: "{moment.isoformat().replace("+00:00", "Z")}"\n'.encode()


def _as_helm(dependency: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that Helm knows, in its order."""
    found: dict[str, Any] = {}
    for name in _FIELDS:
        value = dependency.get(name)
        if name in _ALWAYS:
            found[name] = value or ""
        elif value:
            found[name] = _sorted(value)
    return found


def _sorted(value: Any) -> Any:
    """Return a value with the keys of its mappings in order, as Go writes them."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)
