"""Who or what ends a wait, in words: of the keys that wake a Promotion. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from towpath.rules import wake_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORDS: Final[Mapping[str, str]] = {
    wake_keys.ARGOCD: "Argo CD, when {} changes",
    wake_keys.PULL_REQUEST: "whoever merges or closes pull request {}",
    wake_keys.WORKFLOW: "the end of workflow run {}",
    wake_keys.APPROVAL: "whoever answers step {}",
    wake_keys.URL: "a push to {}",
    wake_keys.ANALYSIS: "the end of AnalysisRun {}",
    wake_keys.TICKET: "whoever moves ticket {}",
    wake_keys.MESSAGE: "the delivery of message {}",
}
_MOST: Final = 5


def told(keys: Sequence[str]) -> list[str]:
    """Return who or what ends a wait, once each; of keys that a step of a third party made up, the key itself."""
    found = []
    for key in keys:
        kind, _, what = key.partition(":")
        words = _WORDS.get(kind)
        found.append(key if words is None else words.format(_name(kind, what)))
    return list(dict.fromkeys(found))[:_MOST]


def _name(kind: str, what: str) -> str:
    """Return what of a key people call it: of what lies in the Project itself, its name alone."""
    if kind in (wake_keys.APPROVAL, wake_keys.ANALYSIS, wake_keys.MESSAGE, wake_keys.TICKET):
        return what.rpartition("/")[2]
    return what
