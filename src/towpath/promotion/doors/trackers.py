"""The way to trackers for one Promotion: accounts from Secrets, opened for one use and known to its masker from then on."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.clients.http import urls
from towpath.clients.trackers.asking import TrackerAccess, TrackerRequests
from towpath.clients.trackers.jira import problems as jira_problems
from towpath.clients.trackers.jira.api import JiraApi
from towpath.clients.trackers.jira.deployment import Deployments
from towpath.clients.trackers.servicenow import problems as servicenow_problems
from towpath.clients.trackers.servicenow.api import ServiceNowApi
from towpath.resources import scheme
from towpath.resources.kinds import Ref
from towpath.resources.shared_namespaces import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.clients.http import Egress
    from towpath.clients.trackers.asking import TrackerProblem
    from towpath.clock import Clock
    from towpath.credentials.finder import Credentials
    from towpath.promotion.disclosed import Disclosed
    from towpath.promotion.effects.accounts import TrackerAccount

MARK: Final = "towpath.promotion"
"""The property, of an issue or a comment, that says which step has made it."""
_ADDRESS: Final = {"Jira": "domain", "ServiceNow": "instanceURL"}
"""The key of a Secret that has the address, by the kind of the tracker."""
_BY_KEY: Final = "api-token"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Nothing on the way can listen, and the guard lets only those through that the operator allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trackers:
    """What trackers are reached with, for all Promotions."""

    egress: Egress
    credentials: Credentials
    clock: Clock
    deployments: Deployments = field(default_factory=Deployments)

    def of(self, project: str, disclosed: Disclosed, *, actor: str, whom: str) -> ProjectTrackers:
        """Return the trackers for one Promotion, or for a plan; Secrets are opened in the name of `actor`.

        `disclosed` learns what is handed to trackers; `whom`: for what Secrets are opened, on the record.
        """
        return ProjectTrackers(self, project, disclosed, actor=actor, whom=whom)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A Secret that was opened."""

    source: str
    values: Mapping[str, str] = field(repr=False)

    def value(self, key: str) -> str:
        return self.values.get(key, "").strip()

    def needed(self, key: str) -> str:
        """Return a value that has to be there. Raises BadRequest."""
        found = self.value(key)
        if not found:
            raise errors.BadRequest(f"{self.source} has no {key}; put it there")
        return found


class ProjectTrackers:
    """Trackers for one Promotion."""

    def __init__(
        self, trackers: Trackers, project: str, disclosed: Disclosed, *, actor: str, whom: str
    ) -> None:
        self._trackers = trackers
        self._project = project
        self._disclosed = disclosed
        self._actor = actor
        self._whom = whom

    async def jira(self, account: TrackerAccount) -> JiraApi:
        """Return the Jira of an account. Raises NotFound for no such Secret, BadRequest for what it lacks, and what asking raises."""
        secret = await self._opened(account, "domain, username and password")
        place = self._place(secret, _ADDRESS["Jira"])
        password, username = secret.needed("password"), secret.value("username")
        headers = _basic(username, password) if username else _bearer(password)
        requests = self._requests("Jira", secret, place, headers, jira_problems.read, password)
        is_cloud = await self._trackers.deployments.is_cloud(
            requests, place.host, secret.value("deployment")
        )
        return JiraApi(requests, is_cloud=is_cloud)

    async def servicenow(self, account: TrackerAccount) -> ServiceNowApi:
        """Return the ServiceNow instance of an account. Raises as `jira`."""
        secret = await self._opened(account, "instanceURL, and apiToken or username and password")
        place = self._place(secret, _ADDRESS["ServiceNow"])
        if account.kind == _BY_KEY:
            token = secret.needed("apiToken")
            is_bearer = secret.value("tokenType").lower() == "bearer"
            headers = _bearer(token) if is_bearer else {"x-sn-apikey": token}
        else:
            token = secret.needed("password")
            headers = _basic(secret.needed("username"), token)
        return ServiceNowApi(
            self._requests("ServiceNow", secret, place, headers, servicenow_problems.read, token)
        )

    def refuse_secrets(self, where: str, value: Any) -> None:
        """Raise Forbidden for a value that holds one of a Secret: everybody who sees the ticket would read it."""
        if self._disclosed.holds(value):
            raise errors.Forbidden(
                f"{where}: it holds a value of a Secret, which everybody who sees the ticket would read; leave it out"
            )

    async def _opened(self, account: TrackerAccount, keys: str) -> _Opened:
        namespace = SHARED if account.is_shared else self._project
        ref = Ref(scheme.SECRET, namespace, account.secret)
        values = await self._trackers.credentials.open_secret(
            ref, actor=self._actor, reason=f"tickets of {self._whom}"
        )
        if values is None:
            raise errors.NotFound(
                f"there is no Secret {namespace}/{account.secret}; make it, with {keys}"
            )
        return _Opened(f"Secret {namespace}/{account.secret}", values)

    def _place(self, secret: _Opened, key: str) -> urls.ParsedUrl:
        """Return the address in a Secret: a host, or a URL. Raises BadRequest for what is none, or is not encrypted."""
        said = secret.needed(key)
        try:
            place = urls.split(said if "://" in said else f"https://{said}")
        except urls.Unacceptable as error:
            raise errors.BadRequest(f"{secret.source}: {key} is no address: {error}") from error
        if place.scheme not in ("http", "https") or place.has_user or place.query:
            raise errors.BadRequest(
                f"{secret.source}: {key} is no address of a server; write it as shop.example.com or https://shop.example.com"
            )
        is_open = place.scheme == "http" and place.host not in _LOOPBACK
        if is_open and not self._trackers.credentials.is_sent_to(place.url):
            raise errors.BadRequest(
                f"{secret.source}: {key} is an http address, over which no credential is sent; use https"
            )
        return place

    def _requests(
        self,
        kind: str,
        secret: _Opened,
        place: urls.ParsedUrl,
        headers: dict[str, str],
        problem: Callable[[Any], TrackerProblem],
        token: str,
    ) -> TrackerRequests:
        secrets = (token, *headers.values(), *(each.partition(" ")[2] for each in headers.values()))
        self._disclosed.learn(token, keep=False)
        path = place.path.rstrip("/")
        access = TrackerAccess(
            name=f"{kind} {place.authority}{path}",
            base=f"{place.scheme}://{place.authority}{path}",
            headers=headers,
            secrets=tuple(filter(None, secrets)),
            source=secret.source,
            key=_ADDRESS[kind],
        )
        return TrackerRequests(
            access, egress=self._trackers.egress, clock=self._trackers.clock, problem=problem
        )


def _basic(username: str, password: str) -> dict[str, str]:
    login = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {login}"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
