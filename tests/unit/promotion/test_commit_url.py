"""Pages of commits at forges."""

from __future__ import annotations

import pytest

from towpath.promotion.commit_url import commit_url


@pytest.mark.parametrize(
    ("repository", "provider", "url"),
    [
        ("https://github.com/a/b.git", "", "https://github.com/a/b/commit/c0"),
        ("git@github.com:a/b.git", "", "https://github.com/a/b/commit/c0"),
        ("ssh://git@github.com/a/b", "", "https://github.com/a/b/commit/c0"),
        ("https://user@gitlab.example.com/a/b", "", "https://gitlab.example.com/a/b/-/commit/c0"),
        ("https://code.example.com/a/b", "", None),
        ("https://code.example.com/a/b", "gitea", "https://code.example.com/a/b/commit/c0"),
        ("https://bitbucket.org/a/b", "", "https://bitbucket.org/a/b/commits/c0"),
        ("https://dev.azure.com/o/p/_git/r", "", "https://dev.azure.com/o/p/_git/r/commit/c0"),
        ("not a url", "github", None),
    ],
)
def test_commit_url(repository: str, provider: str, url: str | None) -> None:
    """None where the forge is not known; `provider` goes before the host."""
    assert commit_url(repository, "c0", provider) == url
