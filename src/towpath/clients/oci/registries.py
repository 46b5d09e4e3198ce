"""All registries: where their mirrors are, and what their repositories share."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from towpath import errors
from towpath.clients.oci import address as addresses
from towpath.clients.oci.authentication import ANONYMOUS, RegistryCredential, RegistryLogin
from towpath.clients.oci.kept_tags import KeptTags
from towpath.clients.oci.registry_memory import RegistryMemory
from towpath.clients.oci.repository import ImageRepository
from towpath.clients.oci.requests import RegistryRequests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.clients.http import Egress
    from towpath.clients.oci.kept_contents import KeptContents
    from towpath.clock import Clock


class Registries:
    """All registries. Their repositories share tokens and what was read."""

    def __init__(
        self,
        egress: Egress,
        *,
        clock: Clock,
        mirrors: Mapping[str, Sequence[str]] | None = None,
        kept: KeptContents | None = None,
    ) -> None:
        """`mirrors`: base URLs by registry host, as images name it. `kept`: what is kept on disk; None: nothing."""
        self._egress = egress
        self._mirrors = dict(mirrors or {})
        self._login = RegistryLogin(egress, clock)
        self._memory = RegistryMemory(clock, egress.tally.hosts)
        self._kept = kept
        self._kept_tags = KeptTags(kept, self._memory, clock) if kept is not None else None

    def open(
        self, url: str, credential: RegistryCredential = ANONYMOUS, *, insecure: bool = False
    ) -> ImageRepository:
        """Return the repository at a URL, as manifests write it. Nothing is asked yet. Raises BadRequest."""
        address = addresses.parse(url)
        mirrors = [base.rstrip("/") for base in self._mirrors.get(address.host, ())]
        requests = RegistryRequests(
            egress=self._egress,
            login=self._login,
            address=address,
            credential=credential,
            insecure=insecure,
        )
        bases = (*mirrors, address.endpoint)
        return ImageRepository(requests, self._memory, bases, self._kept, self._kept_tags)

    def doubt(self, url: str, tags: Sequence[str] = ()) -> None:
        """Have tags of the repository at a URL asked about anew, as they were pushed; without any: all of its tags.

        What is no address of a repository is passed over.
        """
        with contextlib.suppress(errors.BadRequest):
            self._memory.doubt(addresses.parse(url), tags)
