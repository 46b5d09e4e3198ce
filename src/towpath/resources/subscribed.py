"""What a Warehouse is found by when something was pushed: the repositories it subscribes to, their addresses in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from towpath.resources.document import at
from towpath.versions.urls import normalize_chart, normalize_git, normalize_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

URLS: Final = "subscribed.urls[]"
"""The index: one value for each repository."""
FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "git": normalize_git,
    "image": normalize_image,
    "chart": normalize_chart,
}
"""How the addresses of each type of subscription are brought into one form."""


def urls(document: Mapping[str, Any]) -> Iterable[str]:
    """Return the addresses of all repositories that a Warehouse subscribes to, whatever else may be wrong with it."""
    return dict.fromkeys(url for _, _, url in subscriptions(at(document, "spec", "subscriptions")))


def subscriptions(items: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield type, configuration and address of those items of `spec.subscriptions` that name a repository."""
    for item in items if isinstance(items, list) else ():
        for type_, form in FORMS.items():
            config = at(item, type_)
            url = at(config, "repoURL")
            if isinstance(url, str) and url:
                yield type_, config, form(url)
