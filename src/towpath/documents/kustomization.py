"""Kustomizations: which folders, files and charts one names, which of them lie elsewhere, and where. Pure.

A repository is named as Kustomize reads it: `https://HOST/OWNER/REPOSITORY//FOLDER?ref=REF`, `github.com/…`,
`git@HOST:OWNER/REPOSITORY.git//FOLDER`, `ssh://…`, `git::…`. Other `http(s)://` texts name one file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FOLDERS: Final = ("resources", "bases", "components")
"""Fields whose entries may be folders with kustomizations, or repositories."""
_LISTS: Final = (
    *FOLDERS,
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
)
_WITH_PATH: Final = ("patches", "patchesJson6902", "replacements")
_WITH_FILES: Final = ("configMapGenerator", "secretGenerator")
_SCP: Final = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!/)")
_ESCAPED: Final = re.compile(r"%([2-7][0-9A-Fa-f])")
_FILE_NAME: Final = re.compile(r"\.(ya?ml|json)$", re.IGNORECASE)
_SHORT: Final = {"gh:": "https://github.com/", "github.com/": "https://github.com/"}
_GENERATOR: Final = "HelmChartInflationGenerator"


@dataclass(frozen=True, slots=True)
class GitBase:
    """A folder of a repository."""

    url: str
    folder: str = ""
    """Below the root of the repository; empty for that itself."""
    ref: str = ""
    """A branch, a tag or a commit; empty for the default branch."""


@dataclass(frozen=True, slots=True)
class WantedChart:
    """A chart that a kustomization has from a repository."""

    name: str
    repository: str
    version: str
    home: str
    """The folder below which Kustomize looks for it."""

    @property
    def place(self) -> str:
        """The folder that holds the chart's folder."""
        return f"{self.home}/{self.name}-{self.version}" if self.version else self.home


def is_elsewhere(entry: str) -> bool:
    """Whether an entry names something that lies elsewhere."""
    return git_base(entry) is not None or entry.startswith(("https://", "http://"))


def git_base(entry: str) -> GitBase | None:
    """Return the repository that an entry names, None if it names none. Raises BadRequest for `file:`."""
    text, _, query = entry.partition("?")
    ref = _parameter(query, "ref") or _parameter(query, "version")
    is_git = text.startswith("git::") or bool(ref)
    text = text.removeprefix("git::")
    for short, whole in _SHORT.items():
        if text.startswith(short):
            text, is_git = f"{whole}{text.removeprefix(short)}", True
    if text.startswith("file://"):
        raise BadRequest(
            f"{entry[:200]}: repositories on this machine are not read; name a folder instead"
        )
    if text.startswith("ssh://") or _SCP.match(text):
        is_git = True
        head, rest = _after_host(text)
    elif text.startswith(("https://", "http://")):
        head, rest = _after_host(text)
        host = head.partition("://")[2].rstrip("/")
        marked = "//" in rest or ".git/" in f"{rest}/" or "_git/" in rest
        is_git = is_git or marked or (host == "github.com" and not _FILE_NAME.search(rest))
    else:
        return None
    if not is_git:
        return None
    repository, folder = _divided(rest)
    return GitBase(f"{head}{repository}", folder.strip("/"), ref)


def _parameter(query: str, name: str) -> str:
    """Return the first value of a parameter, empty if there is none."""
    for each in query.split("&"):
        key, _, value = each.partition("=")
        if key == name and value:
            return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    return ""


def _after_host(text: str) -> tuple[str, str]:
    """Return a URL up to its path, with the mark between them, and the path."""
    scp = _SCP.match(text)
    if scp and "://" not in text:
        return text[: scp.end()], text[scp.end() :]
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{slash}", path


def _divided(path: str) -> tuple[str, str]:
    """Return the repository's part of a path, and the folder in it."""
    if "//" in path:
        repository, _, folder = path.partition("//")
        return repository, folder
    if ".git/" in f"{path}/":
        begin, _, folder = f"{path}/".partition(".git/")
        return f"{begin}.git", folder
    parts = path.split("/")
    if "_git" in parts:
        count = parts.index("_git") + 2
        return "/".join(parts[:count]), "/".join(parts[count:])
    return "/".join(parts[:2]), "/".join(parts[2:])


def entries(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the paths and addresses that a kustomization names, each with its field, in its order."""
    found: list[tuple[str, str]] = []

    def note(field: str, entry: str) -> str:
        found.append((field, entry))
        return entry

    mapped(document, note)
    return found


def mapped(document: Mapping[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    """Return a kustomization with each path and address that it names changed by a function of its field and itself."""
    made = dict(document)
    for field in _LISTS:
        if isinstance(made.get(field), list):
            made[field] = [change(field, each) if _is_entry(each) else each for each in made[field]]
    for field in _WITH_PATH:
        if isinstance(made.get(field), list):
            made[field] = [_with_path(each, field, change) for each in made[field]]
    if isinstance(made.get("openapi"), dict):
        made["openapi"] = _with_path(made["openapi"], "openapi", change)
    for field in _WITH_FILES:
        if isinstance(made.get(field), list):
            made[field] = [_with_files(each, field, change) for each in made[field]]
    return made


def _is_entry(each: Any) -> bool:
    return isinstance(each, str) and "\n" not in each  # several lines are a patch as it is


def _with_path(item: Any, field: str, change: Callable[[str, str], str]) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("path"), str):
        return item
    return {**item, "path": change(field, item["path"])}


def _with_files(item: Any, field: str, change: Callable[[str, str], str]) -> Any:
    """Change the files of a generator; what had its name from its address keeps that."""
    if not isinstance(item, dict) or not isinstance(item.get("files"), list):
        return item
    made = []
    for each in item["files"]:
        key, equals, path = each.partition("=") if isinstance(each, str) else ("", "", "")
        if not isinstance(each, str):
            made.append(each)
            continue
        if not equals or "://" in key:
            key, path = each.partition("?")[0].rpartition("/")[2], each
        there = change(field, path)
        made.append(each if there == path else f"{key}={there}")
    return {**item, "files": made}


def charts(document: Mapping[str, Any]) -> list[WantedChart]:
    """Return the charts that a kustomization, or a generator's own file, has from repositories."""
    home = _text(document.get("helmGlobals"), "chartHome") or "charts"
    found = [
        (_text(each, "name"), _text(each, "repo"), _text(each, "version"), home)
        for each in _listed(document, "helmCharts")
    ]
    found += [
        (
            _text(each, "chartName"),
            _text(each, "chartRepoUrl"),
            _text(each, "chartVersion"),
            _text(each, "chartHome") or "charts",
        )
        for each in _listed(document, "helmChartInflationGenerator")
    ]
    if document.get("kind") == _GENERATOR:
        own = _text(document, "chartHome") or "charts"
        found.append(
            (_text(document, "name"), _text(document, "repo"), _text(document, "version"), own)
        )
    return [
        WantedChart(name, repository, version, at)
        for name, repository, version, at in found
        if name and repository
    ]


def _listed(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []


def _text(item: Any, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    return value if isinstance(value, str) else ""
