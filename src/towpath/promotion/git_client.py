"""Git for a Promotion: opens repositories with the credentials of its Project, and identifies who commits.

Reading is convergent. Pushing is *probed*: the step notes the commit's id in the journal before it sends it,
and after a crash a branch that contains it means that the push is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.clients.git.configuration import Options
from towpath.clients.git.credential import ANONYMOUS, GitCredential
from towpath.promotion.committing import UPSTREAM, CommitIdentity
from towpath.promotion.disclosed import Disclosed

if TYPE_CHECKING:
    from towpath.clients.git.repository import Repositories, Repository
    from towpath.credentials.finder import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class GitClient:
    """Git for one Promotion."""

    project: str
    promotion: str
    repositories: Repositories
    credentials: Credentials
    identity: CommitIdentity = UPSTREAM
    """Who commits where the manifest does not say, as the operator has configured."""
    disclosed: Disclosed = field(default_factory=Disclosed)
    """Learns what is handed to Git."""

    async def open(self, url: str, *, insecure: bool = False, blobless: bool = False) -> Repository:
        """Return the repository at a URL as the Project's credential sees it.

        Raises BadRequest for a URL that cannot be accepted.
        """
        found = await self.credentials.find(
            self.project,
            "git",
            url,
            actor="controller:promotion-controller",
            reason=f"git access of Promotion {self.promotion}",
        )
        credential = ANONYMOUS
        if found is not None:
            self.disclosed.learn(found.password, found.ssh_key, keep=False)
            credential = GitCredential(
                username=found.username,
                password=found.password,
                ssh_key=found.ssh_key,
                known_hosts=found.known_hosts,
                source=str(found.secret),
            )
        return self.repositories.open(
            url, credential, Options(insecure=insecure, blobless=blobless)
        )
