"""The subscription type `chart`: versions of a Helm chart, of a repository with an index or of a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from towpath import errors, messages
from towpath.artifacts import selecting
from towpath.clients.helm.repository import ChartCredential
from towpath.clients.oci.authentication import ANONYMOUS
from towpath.resources.structs import view
from towpath.resources.warehouse import ChartDiscoveryResult, ChartSubscription
from towpath.versions.tags import SelectionError, TagSelection

if TYPE_CHECKING:
    from towpath.artifacts.subscription import LookClients, Subscription
    from towpath.artifacts.verdicts import Verdicts
    from towpath.credentials.found import FoundCredential

ACTOR: Final = "controller:warehouse-controller"
_OCI: Final = "oci://"
_TOLD: Final = 5


class ChartType:
    """Looks for charts."""

    name: ClassVar[str] = "chart"
    look_seconds: ClassVar[float] = 300.0
    """A large index may come slowly, and waits for its turn to be read."""

    async def discover(
        self, subscription: Subscription, clients: LookClients
    ) -> ChartDiscoveryResult:
        """Return versions, the one to take first.

        Raises Invalid for a range or an address that cannot be read, and what repositories and registries raise.
        """
        wanted = view(ChartSubscription, dict(subscription.config))
        is_oci = wanted.repo_url.lower().startswith(_OCI)
        selection = TagSelection(
            order="version",
            constraint=wanted.semver_constraint,
            strict=is_oci,
            constraint_field="semverConstraint",
        )
        try:
            _ = selection.range
        except SelectionError as error:
            raise errors.Invalid(str(error)) from error
        found = await clients.credentials.find(
            subscription.project,
            "helm",
            wanted.repo_url,
            actor=ACTOR,
            reason=f"discovery of Warehouse {subscription.project}/{subscription.warehouse}",
        )
        try:
            there = await (_tagged if is_oci else _listed)(subscription, wanted, found, clients)
        except errors.BadRequest as error:
            # The URL reads wrong, and will until somebody changes it.
            raise errors.Invalid(error.message) from error
        versions = await selecting.selected(there, selection, subscription, clients)
        if there and not versions:
            subscription.note(f"there are versions, and none fits: {messages.first(there, _TOLD)}")
        if subscription.verdicts is not None:
            _tell(subscription.verdicts, versions, wanted.discovery_limit)
        return ChartDiscoveryResult(
            repo_url=wanted.repo_url,
            name=wanted.name,
            semver_constraint=wanted.semver_constraint,
            subscription_name=subscription.name,
            versions=versions[: wanted.discovery_limit],
        )


def _tell(verdicts: Verdicts, versions: list[str], limit: int) -> None:
    """Tell what is found, in its order, and what comes behind it."""
    for place, version in enumerate(versions[:limit]):
        is_tie = place > 0 and selecting.are_equal(version, versions[place - 1])
        why = f"the same version as {versions[place - 1]}, whose text comes later" if is_tie else ""
        verdicts.offer(version, why if place else "the highest version that no rule keeps out")
    verdicts.beyond(versions[limit:], len(versions) - limit, limit)


async def _tagged(
    subscription: Subscription,
    wanted: ChartSubscription,
    found: FoundCredential | None,
    clients: LookClients,
) -> list[str]:
    """Return the versions of a chart in a registry: its tags, in which `_` stands for the `+` of a version."""
    del subscription
    credential = ANONYMOUS
    if found is not None:
        credential = found.for_registry()
    repository = clients.registries.open(
        wanted.repo_url, credential, insecure=wanted.insecure_skip_tls_verify
    )
    versions = (tag.replace("_", "+") for tag in await repository.tags())
    # As Helm and Kargo have it: what begins with `v` is no version here.
    return [each for each in versions if not each.startswith(("v", "V"))]


async def _listed(
    subscription: Subscription,
    wanted: ChartSubscription,
    found: FoundCredential | None,
    clients: LookClients,
) -> list[str]:
    """Return the versions of a chart that the index of its repository lists."""
    if clients.charts is None:
        raise errors.Unavailable("this process does not reach chart repositories")
    credential = None
    if found is not None:
        credential = ChartCredential(
            username=found.username, password=found.password, source=found.source
        )
    index = await clients.charts.ask(
        wanted.repo_url,
        credential,
        insecure=wanted.insecure_skip_tls_verify,
        most_seconds=subscription.most_seconds,
        anew=subscription.is_manual,
        caller=subscription.project,
    )
    versions = index.charts.get(wanted.name)
    if versions is None:
        there = messages.instead(wanted.name, list(index.charts), none="it lists no charts")
        subscription.note(f"the index lists no chart {wanted.name!r}: {there}")
        return []
    if odd := index.odd.get(wanted.name):
        subscription.note(
            f"passed over: {odd:,} entries of the index that have no version, or the name of another chart"
        )
    return versions
