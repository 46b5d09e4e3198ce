"""Where people see what a step did: the commit, the pull request, the Application of Argo CD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath import messages

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST: Final = 3
"""Of one step."""
_MOST_CHARACTERS: Final = 300
"""Of an address: a longer one is none that people open."""


def found(
    uses: str, config: Any, output: Any, application: Callable[[str, str], str]
) -> list[dict[str, str]]:
    """Return the links of a step. `application`: where an Application is shown, by namespace and name; empty: nowhere."""
    links = []
    if isinstance(output, dict):
        if commit := _text(output.get("commit")):
            links.append(_link("commit", messages.short_id(commit), output.get("commitURL")))
        request = output.get("pr")
        if isinstance(request, dict):
            links.append(_link("pullRequest", f"#{request.get('id', '')}", request.get("url")))
        if _text(output.get("url")):
            links.append(_link("page", str(output.get("key") or "open"), output.get("url")))
    if uses == "argocd-update" and isinstance(config, dict):
        for each in _list(config.get("apps")):
            name = _text(each.get("name")) if isinstance(each, dict) else ""
            if name and "${{" not in name:
                namespace = _text(each.get("namespace")) or "argocd"
                links.append(_link("application", name, application(namespace, name)))
    return [each for each in links if each["text"]][:_MOST]


def _link(kind: str, text: str, url: Any) -> dict[str, str]:
    told = {"kind": kind, "text": text[:60]}
    address = _text(url)
    if address.startswith(("https://", "http://")) and len(address) <= _MOST_CHARACTERS:
        told["url"] = address
    return told


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
