"""Transcripts: named sequences of requests, as tools/oracle/transcripts/*.yaml hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "transcripts"
_TYPES = {
    "json": "application/json",
    "apply": "application/apply-patch+yaml",
    "merge": "application/merge-patch+json",
    "json-patch": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}
_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
_ACCEPTED = {"table": _TABLE}
_STEP_KEYS = {"name", "do", "body", "type", "accept", "as", "keep", "watch", "headers"}


class WrongTranscriptError(ValueError):
    """A transcript that does not say what it must; the message names file and step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request."""

    name: str
    method: str
    target: str
    """Path and query, with `${...}`."""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """A document, or text that is sent as it is."""
    keep: dict[str, str] = field(default_factory=dict)
    """Names for parts of the answer (dotted paths into its document) that later steps refer to."""
    is_watch: bool = False
    """The answer is a stream, read until the server ends it (`timeoutSeconds`)."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A sequence of requests about a namespace of its own."""

    name: str
    about: str
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        """The namespace it works in; the same name at both servers."""
        return f"t-{self.name}"


def load_all(folder: Path = FOLDER) -> list[Transcript]:
    """Return the transcripts of a folder, by name. Raises WrongTranscriptError."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def load(path: Path) -> Transcript:
    """Return the transcript of a file. Raises WrongTranscriptError."""
    told = yaml.safe_load(path.read_text("utf-8"))
    steps = tuple(_step(path, each) for each in told["steps"])
    names = [step.name for step in steps]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise WrongTranscriptError(f"{path.name}: steps of one name: {', '.join(twice)}")
    return Transcript(path.stem, told["about"], steps)


def _step(path: Path, told: dict[str, Any]) -> Step:
    unknown = told.keys() - _STEP_KEYS
    if unknown or "do" not in told:
        raise WrongTranscriptError(
            f"{path.name}: a step needs `do` and knows no {', '.join(sorted(unknown)) or 'more'}: {told}"
        )
    method, _, target = told["do"].partition(" ")
    headers: dict[str, str] = dict(told.get("headers", {}))
    if "body" in told:
        type_ = str(told.get("type", "json"))
        headers.setdefault("Content-Type", _TYPES.get(type_, type_))
    accept = told.get("accept", "json")
    headers.setdefault("Accept", _ACCEPTED.get(accept, _TYPES.get(accept, accept)))
    if "as" in told:
        headers["Impersonate-User"] = told["as"]
    return Step(
        name=told.get("name") or told["do"],
        method=method,
        target=target.replace(" ", "%20"),
        headers=headers,
        body=told.get("body"),
        keep=told.get("keep", {}),
        is_watch=bool(told.get("watch", False)),
    )


def filled(value: Any, known: dict[str, str]) -> Any:
    """Return a value with every `${name}` in its texts replaced. Raises KeyError for an unknown name."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda found: known[found[1]], value)
    if isinstance(value, dict):
        return {filled(key, known): filled(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    return value
