"""Git for a Promotion: opens repositories with the credentials of its Project, and identifies who commits.

Reading is convergent. Pushing is *probed*: the door notes the commit's id in the journal before it sends it,
and after a crash a branch that contains it means that the push is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.clients.git.configuration import Options
from towpath.clients.git.credential import ANONYMOUS, GitCredential
from towpath.clients.git.person import Person
from towpath.clients.git.signing import Signer
from towpath.errors import NotFound
from towpath.promotion.committing import UPSTREAM, CommitIdentity
from towpath.promotion.disclosed import Disclosed
from towpath.resources import cluster_config, scheme
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES

if TYPE_CHECKING:
    from towpath.clients.git.repository import Repositories, Repository
    from towpath.credentials.finder import Credentials
    from towpath.store.contract import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class GitClient:
    """Git for one Promotion."""

    project: str
    promotion: str
    whom: str
    """For what credentials are opened, on the record: `Promotion NAME`, or a plan."""
    repositories: Repositories
    credentials: Credentials
    identity: CommitIdentity = UPSTREAM
    """Who commits where the manifest does not say, as the operator has configured."""
    disclosed: Disclosed = field(default_factory=Disclosed)
    """Learns what is handed to Git."""
    actor: str
    """In whose name credentials are opened."""

    async def open(self, url: str, *, insecure: bool = False, blobless: bool = False) -> Repository:
        """Return the repository at a URL as the Project's credential sees it.

        Raises BadRequest for a URL that cannot be accepted.
        """
        found = await self.credentials.find(
            self.project,
            "git",
            url,
            actor=self.actor,
            reason=f"git access of {self.whom}",
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


async def made(
    promotion: Ref,
    disclosed: Disclosed,
    *,
    store: Store,
    repositories: Repositories,
    credentials: Credentials,
    actor: str,
    whom: str,
    is_signing: bool = True,
) -> GitClient:
    """Return the client of a Promotion, which opens credentials in the name of `actor`; who commits says the ClusterConfig.

    `whom`: for what that is done, on the record; `is_signing`: whether the operator's key is opened.
    """
    identity = UPSTREAM
    try:
        stored = await store.get(Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME))
    except NotFound:
        configured = None
    else:
        spec = stored.view(ClusterConfig).spec
        configured = spec.git_client if spec else None
    if configured is not None:
        identity = CommitIdentity(Person(configured.name, configured.email))
        if configured.signing_key_secret is not None and is_signing:
            values = await credentials.open_secret(
                Ref(scheme.SECRET, SYSTEM_RESOURCES, configured.signing_key_secret.name),
                actor=actor,
                reason=f"commits of {whom}",
            )
            key = (values or {}).get("signingKey", "")
            disclosed.learn(key, keep=False)
            identity = CommitIdentity(identity.person, Signer("gpg", key) if key else None)
    return GitClient(
        project=promotion.namespace,
        promotion=promotion.name,
        whom=whom,
        repositories=repositories,
        credentials=credentials,
        identity=identity,
        disclosed=disclosed,
        actor=actor,
    )
