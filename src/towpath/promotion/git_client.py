"""Git for a Promotion: opens repositories with the credentials of its Project, and identifies who commits.

Reading is convergent. Pushing is *probed*: the door notes the commit's id in the journal before it sends it,
and after a crash a branch that contains it means that the push is done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from towpath.clients.git.access.credential import ANONYMOUS, GitCredential
from towpath.clients.git.mirrors.configuration import Options
from towpath.clients.git.objects.person import Person
from towpath.clients.git.objects.signing import Signer
from towpath.errors import NotFound
from towpath.promotion import committing
from towpath.promotion.committing import UPSTREAM, CommitIdentity
from towpath.promotion.disclosed import Disclosed
from towpath.resources import cluster_config, scheme
from towpath.resources.cluster_config import ClusterConfig
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SYSTEM_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.clients.git.repository import Repositories, Repository
    from towpath.credentials.finder import Credentials
    from towpath.credentials.found import FoundCredential
    from towpath.store.contract import Store

_SIGNING_KEY: Final = "signingKey"


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
    trailers: tuple[str, ...] = ()
    """Lines behind the message of every commit."""
    disclosed: Disclosed = field(default_factory=Disclosed)
    """Learns what is handed to Git."""
    actor: str
    """In whose name credentials are opened."""

    async def open(self, url: str, *, insecure: bool = False, blobless: bool = False) -> Repository:
        """Return the repository at a URL as the Project's credential sees it.

        Raises BadRequest for a URL that cannot be accepted.
        """
        found = await self._found(url)
        credential = ANONYMOUS
        if found is not None:

            async def renewed(refused: str) -> str:
                now = await self._found(url, refused=refused)
                return now.password if now is not None else refused

            credential = GitCredential(
                username=found.username,
                password=found.password,
                ssh_key=found.ssh_key,
                known_hosts=found.known_hosts,
                source=found.source,
                renewed=renewed if found.is_renewable else None,
            )
        return self.repositories.open(
            url, credential, Options(insecure=insecure, blobless=blobless)
        )

    async def token(self, url: str) -> tuple[str, str]:
        """Return what proves to the forge of a repository who asks, and where it is from; both empty: nothing does."""
        found = await self._found(url)
        return (found.password, found.source) if found is not None and found.password else ("", "")

    async def _found(self, url: str, *, refused: str = "") -> FoundCredential | None:
        found = await self.credentials.find(
            self.project,
            "git",
            url,
            actor=self.actor,
            reason=f"git access of {self.whom}",
            refused=refused,
        )
        if found is not None:
            self.disclosed.learn(found.password, found.ssh_key, keep=False)
        return found


async def made(
    promotion: Ref,
    disclosed: Disclosed,
    *,
    store: Store,
    repositories: Repositories,
    credentials: Credentials,
    actor: str,
    whom: str,
    usual: CommitIdentity = UPSTREAM,
    is_signing: bool = True,
    promoter: str = "",
) -> GitClient:
    """Return the client of a Promotion, which opens credentials in the name of `actor`.

    Who commits says the ClusterConfig, else the operator's file (`usual`), whose key signs also for the ClusterConfig's person
    if that names no key. `whom`: for what that is done, on the record;
    `is_signing`: whether the operator's key is opened; `promoter`: who asked for the Promotion, as its commits tell where the
    operator wants that.
    """
    try:
        stored = await store.get(Ref(scheme.CLUSTER_CONFIG, "", cluster_config.NAME))
    except NotFound:
        configured = None
    else:
        spec = stored.view(ClusterConfig).spec
        configured = spec.git_client if spec else None
    identity = usual if is_signing else replace(usual, signer=None)
    if configured is not None:
        identity = replace(identity, person=Person(configured.name, configured.email))
        if configured.signing_key_secret is not None and is_signing:
            secret = Ref(scheme.SECRET, SYSTEM_RESOURCES, configured.signing_key_secret.name)
            values = await credentials.open_secret(secret, actor=actor, reason=f"commits of {whom}")
            identity = _signing(identity.person, secret, values)
    if identity.signer is not None:
        disclosed.learn(identity.signer.key, keep=False)
    return GitClient(
        project=promotion.namespace,
        promotion=promotion.name,
        whom=whom,
        repositories=repositories,
        credentials=credentials,
        identity=identity,
        trailers=committing.trailers(promoter, promotion.name) if usual.has_trailers else (),
        disclosed=disclosed,
        actor=actor,
    )


def _signing(person: Person, secret: Ref, values: Mapping[str, str] | None) -> CommitIdentity:
    """Return who commits with the key of a Secret, or that it has none."""
    signer = Signer.of((values or {}).get(_SIGNING_KEY, ""))
    if signer is not None:
        return CommitIdentity(person, signer)
    lacks = "does not exist" if values is None else f"has no {_SIGNING_KEY}"
    said = (
        f"ClusterConfig {cluster_config.NAME}: spec.gitClient.signingKeySecret: Secret {secret.namespace}/{secret.name} {lacks}; "
        f"put the private key there under {_SIGNING_KEY}, or take the field away to have commits unsigned"
    )
    return CommitIdentity(person, problem=said)
