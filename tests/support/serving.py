"""The server's application over a control plane of `pipeline`, called without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import argon2
import httpx

from tests.support.pipeline import PROJECT
from tests.support.strict_answers import StrictTransport
from towpath.admission.authorizer import Authorizer
from towpath.admission.event_recorder import EventRecorder
from towpath.admission.requester import ADMIN
from towpath.artifacts.attached import FreightAttachments
from towpath.artifacts.discoverer import Discoverer
from towpath.artifacts.explaining import WarehouseExplainer
from towpath.clock import VirtualClock
from towpath.credentials.finder import Credentials
from towpath.errors import Unavailable
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.screens.screens import Screens
from towpath.server.application import Readiness, application
from towpath.server.auth.access import Access, AccessTerms
from towpath.server.auth.account_tokens import AUDIENCE, AccountTokens, new_key
from towpath.server.auth.admin_account import AdminAccount, AdminTerms
from towpath.server.auth.admin_token import AdminToken
from towpath.server.auth.login_key import LoginKey
from towpath.server.open_watches import OpenWatches
from towpath.server.room import Bodies
from towpath.server.services import Services
from towpath.transfer import sealing
from towpath.verification.jobs.kept import KeptJobs, LogBounds
from towpath.verification.jobs.logs import JobLogs

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from tests.support.pipeline import Pipeline
    from towpath.clients.http import Egress
    from towpath.clients.oci import ImageRepository, Registries

TOKEN = "t0ken"
KEY = new_key()
LOGIN_KEY = LoginKey(b"a key of tests")
TRANSFER_KEY = sealing.PrivateKey(b"k" * 32)
PASSWORD = "correct horse battery"
HASH = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
"""Cheaper than those that are made."""


def access(
    world: Pipeline,
    terms: AccessTerms | None = None,
    admin: AdminTerms | None = None,
    key: LoginKey = LOGIN_KEY,
    egress: Egress | None = None,
) -> Access:
    """Return what lets people in; the administrator's password is `PASSWORD`."""
    return Access(
        terms or AccessTerms(),
        account=AdminAccount(admin or AdminTerms(hash=HASH), key, world.clock),
        accounts=AccountTokens(world.store, world.clock, KEY),
        key=key,
        store=world.store.bearers,
        clock=world.clock,
        egress=egress,
    )


def services(
    world: Pipeline,
    watches: OpenWatches | None = None,
    job_logs: JobLogs | None = None,
    registries: Registries | None = None,
) -> Services:
    """Return what handlers work with. `watches`: with other limits than the usual ones; `job_logs`: none are kept without.

    `registries`: there are none without.
    """
    return Services(
        access=access(world),
        store=world.store,
        writer=world.writer,
        clock=world.clock,
        authorizer=Authorizer(world.store),
        accounts=AccountTokens(world.store, world.clock, KEY),
        events=EventRecorder(world.store, world.clock, ADMIN),
        credentials=Credentials(world.store),
        waiting=lambda key: next(
            (found for each in world.controllers if (found := each.waiting(key))), None
        ),
        problems=world.registry.problems,
        planner=world.planner,
        releases=world.releases,
        warehouses=WarehouseExplainer(
            world.store, Discoverer([world.images], cast("Any", None)), world.clock
        ),
        attachments=FreightAttachments(
            world.store,
            registries or cast("Registries", _NoRegistries()),
            Credentials(world.store),
            world.clock,
        ),
        job_logs=job_logs
        or JobLogs(KeptJobs(Path("/nonexistent"), LogBounds()), None, world.clock),
        watches=watches or OpenWatches(world.store, world.clock),
        screens=Screens(world.store, world.clock),
        transfer_key=TRANSFER_KEY,
        aside=world.aside,
        argocd=world.argocd,
        webhooks=world.webhooks,
    )


class _NoRegistries:
    """Registries of a world without any."""

    def open(self, url: str, *_: object, **__: object) -> ImageRepository:
        """Refuse."""
        raise Unavailable(f"{url}: there is no registry here")


def served(world: Pipeline | None) -> ASGIApp:
    """Return the application; without a world nobody but those without a token gets anywhere."""
    readiness = Readiness()
    readiness.reason = None
    found: Any = _NOTHING if world is None else services(world)
    return application(cast("Services", found), AdminToken(TOKEN), readiness)


class _Nothing:
    """Services of a server that only refuses."""

    access = Access(
        AccessTerms(),
        account=AdminAccount(AdminTerms(), LOGIN_KEY, VirtualClock()),
        accounts=AccountTokens(cast("Any", None), cast("Any", None), KEY),
        key=LOGIN_KEY,
        store=cast("Any", None),
        clock=VirtualClock(),
    )

    accounts = AccountTokens(cast("Any", None), cast("Any", None), KEY)
    authorizer = Authorizer(cast("Any", None))
    bodies = Bodies()
    watches = OpenWatches(cast("Any", None))


_NOTHING = _Nothing()


def client(world: Pipeline | None, token: str = TOKEN) -> httpx.AsyncClient:
    """Return a client of the application with a token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(
        transport=StrictTransport(app=served(world)), base_url="http://test", headers=headers
    )


async def account_token(world: Pipeline, namespace: str, name: str, *, seconds: int = 3600) -> str:
    """Return a token of a ServiceAccount."""
    stored = await world.store.get(Ref(scheme.SERVICE_ACCOUNT, namespace, name))
    accounts = AccountTokens(world.store, world.clock, KEY)
    return accounts.issue(stored.ref, stored.uid, audiences=[AUDIENCE], seconds=seconds).token


async def granted(
    world: Pipeline, *rules: tuple[str, list[str], list[str]], account: str = "limited"
) -> str:
    """Return a token of an account with these rights: resource, verbs, names."""
    rbac, named = "rbac.authorization.k8s.io", {"name": account, "namespace": PROJECT}
    documents: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "Role",
            "metadata": named,
            "rules": [
                {
                    "apiGroups": ["kargo.akuity.io"],
                    "resources": [resource],
                    "verbs": verbs,
                    "resourceNames": names,
                }
                for resource, verbs, names in rules
            ],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": named,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": account},
            "subjects": [{"kind": "ServiceAccount", "name": account}],
        },
    ]
    await world.apply(*documents)
    return await account_token(world, PROJECT, account)
