"""Folder names of mirrors."""

from __future__ import annotations

import hashlib

import pytest

from towpath.clients.git.access import addresses
from towpath.clients.git.access.credential import GitCredential
from towpath.clients.git.mirrors import configuration
from towpath.clients.git.mirrors.configuration import Options


@pytest.mark.parametrize(
    ("options", "written"),
    [
        (Options(), "Options(blobless=True, depth=0, insecure=False)"),
        (Options(blobless=False, insecure=True), "Options(blobless=False, depth=0, insecure=True)"),
    ],
)
def test_a_mirror_of_an_earlier_version_keeps_its_folder(options: Options, written: str) -> None:
    """Or each would be fetched anew after an update, and the old one stay for a while."""
    address, nobody = addresses.parse("https://git.example.com/app.git"), GitCredential()
    parts = (
        address.text,
        address.wire,
        f"{address.user}:{address.password}",
        nobody.identity,
        written,
    )
    expected = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    assert configuration.key(address, address, nobody, options) == expected
