"""Where people see what a step did: only addresses that a browser may open, and none where nobody knows one."""

from __future__ import annotations

from typing import Any

import pytest

from towpath.rules import wait_ends, wake_keys
from towpath.server.ext import step_links


def _link(namespace: str, name: str) -> str:
    return f"https://cd.example/applications/{namespace}/{name}"


@pytest.mark.parametrize(
    ("uses", "config", "output", "told"),
    [
        ("git-push", {}, {"commit": "a" * 40, "commitURL": "https://h/c"},
         [{"kind": "commit", "text": "a" * 7, "url": "https://h/c"}]),
        ("git-push", {}, {"commit": "a" * 40}, [{"kind": "commit", "text": "a" * 7}]),
        ("git-push", {}, {"commit": "a" * 40, "commitURL": "javascript:alert(1)"},
         [{"kind": "commit", "text": "a" * 7}]),
        ("git-open-pr", {}, {"pr": {"id": 7, "url": "http://h/7"}},
         [{"kind": "pullRequest", "text": "#7", "url": "http://h/7"}]),
        ("argocd-update", {"apps": [{"name": "web"}, {"name": "${{ vars.a }}"}, {"name": 3}, "x"]}, None,
         [{"kind": "application", "text": "web", "url": "https://cd.example/applications/argocd/web"}]),
        ("argocd-update", {"apps": 3}, [], []),
        ("jira", {}, {"key": "SHOP-1", "url": f"https://h/{'x' * 400}"}, [{"kind": "page", "text": "SHOP-1"}]),
        ("work", None, {"commit": 3, "pr": "x"}, []),
    ],
)  # fmt: skip
def test_links(uses: str, config: Any, output: Any, told: list[dict[str, str]]) -> None:
    """Of odd outputs none."""
    assert step_links.found(uses, config, output, _link) == told


def test_every_kind_of_key_is_told_in_words() -> None:
    """Once each, and of keys that a third party made up the key itself."""
    keys = [f"{kind}:p/x" for kind in sorted(wake_keys.KINDS)]
    for key in keys:
        [words] = wait_ends.told([key])
        assert "x" in words
        assert words != key
    assert wait_ends.told(["mine:x", "mine:x"]) == ["mine:x"]
    key = wake_keys.pull_request("https://git.example/a/b.git", 7)
    assert wait_ends.told([key])[0].startswith("whoever merges or closes pull request")
