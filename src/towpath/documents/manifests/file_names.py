"""Into which files rendered manifests go. Pure.

A name is made of what templates made of values, so anything may stand in it: what is no plain file name is an error, and
so are two manifests with one name, of which one would be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.documents.manifests import streams
from towpath.documents.manifests.identity import Identity, identity
from towpath.errors import BadRequest, TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from towpath.documents.manifests.streams import RenderedManifest

_LONGEST: Final = 255
_MOST: Final = 20_000
"""Files of one rendering."""
_SHOWN: Final = 80


def helm_layout(manifests: Iterable[RenderedManifest], release: str = "") -> dict[str, str]:
    """Return files as `helm template --output-dir` lays them out: a file for each template, under the chart's name.

    `release`: the folder above all of them, if there is to be one. Raises BadRequest, TooLarge.
    """
    files: dict[str, list[str]] = {}
    above = f"{_plain(release, 'the name of the release')}/" if release else ""
    for each in manifests:
        for part in each.source.split("/"):
            _plain(part, f"template {_short(each.source)}")
        files.setdefault(f"{above}{each.source}", []).append(each.marked)
    _bounded(files)
    return {path: "".join(texts) for path, texts in files.items()}


def flat(manifests: Iterable[RenderedManifest]) -> dict[str, str]:
    """Return a file for each document, `[group-]kind[-namespace]-name.yaml`; those without a name are counted.

    Raises BadRequest, TooLarge.
    """
    files = _Files()
    unnamed = 0
    for each in manifests:
        for text in streams.documents(each.text):
            found = identity(text, each.source)
            if found is None:
                continue
            if found.kind and found.name:
                group = found.group.replace(".", "_")
                name = _joined("-", group, found.kind, found.namespace, found.name)
            else:
                name = f"resource-{unnamed}"
                unnamed += 1
            files.put(name, f"# Source: {each.source}\n{text}", each.source)
    return files.found


def kargo(stream: str, source: str) -> dict[str, str]:
    """Return a file for each document of what Kustomize built: `[namespace-]kind-name.yaml`."""
    files = _Files()
    for text, found in _known(stream, source):
        name = _joined("-", found.namespace, _needed(found.kind, "kind", source), found.name)
        files.put(name, f"{text}\n", source)
    return files.found


def kustomize(stream: str, source: str) -> dict[str, str]:
    """Return files as `kustomize build -o FOLDER` names them: `[namespace_]group_version_kind_name.yaml`.

    The namespace is there only where the objects have several, those without one counted as `default`.
    """
    known = _known(stream, source)
    namespaces = {found.namespace or "default" for _, found in known if not found.is_cluster_scoped}
    files = _Files()
    for text, found in known:
        namespace = found.namespace if len(namespaces) > 1 else ""
        kind = _needed(found.kind, "kind", source)
        name = _joined("_", namespace, found.group, found.version, kind, found.name)
        files.put(name, f"{text}\n", source)
    return files.found


class _Files:
    """Files under way."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._sources: dict[str, str] = {}

    def put(self, name: str, text: str, source: str) -> None:
        """Add a file. Raises BadRequest if the name will not do or is taken."""
        file = _plain(f"{name}.yaml", f"the name of an object in {_short(source)}")
        if file in self.found:
            raise BadRequest(
                f"{_short(source)} and {_short(self._sources[file])}: both render an object that goes into {file}; "
                "the second would replace the first: give one another name, or write all of them into one file"
            )
        self.found[file] = text
        self._sources[file] = source
        _bounded(self.found)


def _known(stream: str, source: str) -> Sequence[tuple[str, Identity]]:
    known = ((text, identity(text, source)) for text in streams.documents(stream))
    return [(text, found) for text, found in known if found is not None]


def _needed(value: str, what: str, source: str) -> str:
    if not value:
        raise BadRequest(
            f"{source}: an object has no {what}, so that no file can be named after it"
        )
    return value


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts)).lower()


def _plain(name: str, whose: str) -> str:
    """Return a name that is one plain file name. Raises BadRequest."""
    is_plain = (
        name.isprintable() and not {"/", "\\"} & set(name) and name not in ("", ".", "..", ".git")
    )
    if not is_plain or len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise BadRequest(
            f"{whose} makes {_short(name)!r} the name of a file, which is not safe: it must not hold / or \\, be a "
            f"folder's own name, or be longer than {_LONGEST} bytes"
        )
    return name


def _bounded(files: dict[str, list[str]] | dict[str, str]) -> None:
    if len(files) > _MOST:
        raise TooLarge(f"it renders to more than {_MOST:,} files")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
