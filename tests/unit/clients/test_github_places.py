"""Where a GitHub has its REST interface, by a repository's URL."""

from __future__ import annotations

import pytest

from towpath import errors
from towpath.clients.forges.github import places
from towpath.clients.forges.github.places import GitHubRepository


@pytest.mark.parametrize(
    ("url", "api", "owner", "name"),
    [
        ("https://github.com/acme/app.git", "https://api.github.com", "acme", "app"),
        ("https://GitHub.com/acme/App/", "https://api.github.com", "acme", "App"),
        ("https://www.github.com/acme/app", "https://api.github.com", "acme", "app"),
        ("https://user@github.com/acme/app", "https://api.github.com", "acme", "app"),
        ("https://acme.ghe.com/o/r.git", "https://api.acme.ghe.com", "o", "r"),
        ("https://git.acme.example/o/r", "https://git.acme.example/api/v3", "o", "r"),
        ("https://git.acme.example:8443/o/r", "https://git.acme.example:8443/api/v3", "o", "r"),
        ("http://git.acme.example/o/r", "http://git.acme.example/api/v3", "o", "r"),
        ("https://github.com.evil.example/o/r", "https://github.com.evil.example/api/v3", "o", "r"),
        ("https://evilghe.com/o/r", "https://evilghe.com/api/v3", "o", "r"),
        ("https://github.com/o/.github", "https://api.github.com", "o", ".github"),
    ],
)
def test_each_kind_has_its_own_address(url: str, api: str, owner: str, name: str) -> None:
    """github.com, Enterprise Cloud with data residency, and a server of one's own."""
    assert places.of(url) == GitHubRepository(api, owner, name)


@pytest.mark.parametrize(
    "url",
    [
        "ssh://git@github.com/o/r",
        "git@github.com:o/r.git",
        "https://github.com/o",
        "https://github.com/o/r/x",
        "https://github.com/o/.git",
        "https://0x7f.1/o/r",
        "",
    ],
)
def test_what_is_no_repository_of_a_github_is_refused(url: str) -> None:
    """A token is for one repository, so that one has to be known."""
    with pytest.raises(errors.BadRequest):
        places.of(url)
