"""Addresses of submodules."""

from __future__ import annotations

import pytest

from towpath.clients.git.objects.submodules import resolved
from towpath.errors import BadRequest


@pytest.mark.parametrize(
    ("repository", "url", "whole"),
    [
        ("https://git.example/a/b.git", "https://else.example/x", "https://else.example/x"),
        ("https://git.example/a/b.git", "../x.git", "https://git.example/a/x.git"),
        ("https://git.example/a/b.git/", "../../c/x", "https://git.example/c/x"),
        ("https://git.example/a/b", "./x", "https://git.example/a/b/x"),
        ("git@git.example:a/b.git", "../x", "git@git.example:a/x"),
        ("git@git.example:b.git", "../x", "git@git.example:x"),
    ],
)
def test_relative_addresses(repository: str, url: str, whole: str) -> None:
    """As git reads them: relative to the repository itself, not to the folder it lies in."""
    assert resolved(repository, url) == whole


def test_an_address_that_leads_out() -> None:
    """Above the host there is nothing."""
    with pytest.raises(BadRequest, match="leads out"):
        resolved("https://git.example/a", "../../../x")
