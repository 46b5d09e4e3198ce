"""Finds the credential of a repository among the Secrets of a Project and the shared namespace.

Values are opened for one use, with an actor and a reason, and are never kept. What is kept, by uid and revision of
the Secret, is which repository it names and which keys have a value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from towpath import errors
from towpath.credentials import github_app, lookup, token_scopes
from towpath.credentials.explaining import SecretFacts
from towpath.credentials.found import FoundCredential
from towpath.credentials.lookup import Candidate, Shape
from towpath.resources import scheme, secret
from towpath.resources.kinds import Ref
from towpath.resources.secret import CREDENTIAL_TYPES
from towpath.resources.shared_namespaces import SHARED
from towpath.store.contract import Query, Requirement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from towpath.clients.forges.github.installation_tokens import InstallationTokens
    from towpath.credentials.clouds import CloudTokens
    from towpath.credentials.lookup import Type
    from towpath.store.contract import Document, Store, Stored

_MOST_KNOWN: Final = 10_000
_LONGEST_SHOWN: Final = 1_000
"""Characters of a user's name that are kept."""
_NAMES_A_USER: Final = re.compile(r"\W*https?\W*://[^/]*@", re.IGNORECASE)
"""An address over HTTP with user information, or a pattern that looks like one."""
_OF_CLOUDS: Final = frozenset({Shape.ECR_KEY, Shape.GAR_KEY})
"""What a cloud gives a token for."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a Secret that was opened."""

    candidate: Candidate
    keys: frozenset[str]
    """Of the values that are not empty."""
    username: str = ""
    app: str = ""
    """Which GitHub App it is, where it is one: its client id or its number."""


class Credentials:
    """The Secrets of all Projects."""

    def __init__(
        self,
        store: Store,
        *,
        app_tokens: InstallationTokens | None = None,
        cloud_tokens: CloudTokens | None = None,
        clouds: Collection[str] = (),
        shared_namespace: str = SHARED,
        allow_http: bool = False,
    ) -> None:
        """`app_tokens` gets those of GitHub Apps, `cloud_tokens` those of clouds; `clouds`: where the server has an identity; `allow_http`: the operator's `ALLOW_CREDENTIALS_OVER_HTTP`."""
        self._store = store
        self._apps = app_tokens
        self._clouds = cloud_tokens
        self.clouds = frozenset(clouds)
        self._shared = shared_namespace
        self._allow_http = allow_http
        self._known: OrderedDict[tuple[str, int], _Known] = OrderedDict()

    def set_allow_http(self, *, allowed: bool) -> None:
        """Say anew whether credentials may be sent over plain HTTP."""
        self._allow_http = allowed

    async def find(
        self, project: str, type_: Type, url: str, *, actor: str, reason: str, refused: str = ""
    ) -> FoundCredential | None:
        """Return the credential for `url`; None means that access is anonymous.

        The Secret that matches decides: one of no known shape is no reason to look for another. `refused`: a password that
        the server did not take; of one that is renewable there is another then. Where no Secret matches, the server's own
        identity at the cloud whose registry it is serves. Raises, naming the Secret or that identity, what keeps a GitHub App
        or a key of a cloud from getting a token.
        """
        if not self.is_sent_to(url):
            return None
        for namespace in self._places(project):
            secret = await self._choose(namespace, type_, url, actor=actor, reason=reason)
            if secret is not None:
                document = await self.opened(secret, actor=actor, reason=reason) or {}
                values = _values(document)
                found = _shape(type_, url, values)
                if found in _OF_CLOUDS:
                    return await self._of_cloud(found, secret, values, refused)
                if found is not Shape.GITHUB_APP:
                    return _found(secret, found, values)
                if self._apps is None:
                    raise errors.Unavailable(
                        f"{github_app.shown(secret)}: this process asks no GitHub for tokens"
                    )
                holder = github_app.Holder(secret, values, _annotations(document))
                return await holder.credential(self._apps, project, url, refused=refused)
        if self._clouds is None:
            return None
        return await self._clouds.ambient(project, type_, url, refused=refused)

    async def _of_cloud(
        self, shape: Shape, secret: Ref, values: Mapping[str, str], refused: str
    ) -> FoundCredential:
        if self._clouds is None:
            raise errors.Unavailable(
                f"Secret {secret.namespace}/{secret.name}, which holds {shape.value}: this process asks no cloud for tokens"
            )
        return await self._clouds.of_secret(shape, secret, values, refused=refused)

    def is_sent_to(self, url: str) -> bool:
        """Whether a credential may go to `url` at all."""
        return lookup.may_be_sent(url, allow_http=self._allow_http)

    def _places(self, project: str) -> Iterable[str]:
        """Return the namespaces in which a credential is looked for, in this order."""
        return dict.fromkeys((project, self._shared))

    async def facts(self, project: str, *, actor: str, reason: str) -> list[SecretFacts]:
        """Return what is known of all Secrets among which `find` chooses, without their values.

        Those are opened that a label calls a credential.
        """
        found = []
        for namespace in self._places(project):
            async for batch in self._store.scan(Query(kind=scheme.SECRET, namespace=namespace)):
                found += [await self._facts(stored, actor=actor, reason=reason) for stored in batch]
        return found

    async def _facts(self, stored: Stored, *, actor: str, reason: str) -> SecretFacts:
        labels = stored.document["metadata"].get("labels") or {}
        label = str(labels.get(lookup.LABEL) or "")
        known = (
            await self._opened(stored, actor=actor, reason=reason)
            if label in CREDENTIAL_TYPES
            else None
        )
        return SecretFacts(
            namespace=stored.ref.namespace,
            name=stored.ref.name,
            label=label,
            candidate=known.candidate if known else None,
            keys=known.keys if known else frozenset(stored.document.get("data") or {}),
            app=known.app if known else "",
            scopes=token_scopes.read(_annotations(stored.document)),
        )

    async def public(self, stored: Stored, *, actor: str, reason: str) -> dict[str, str]:
        """Return what tells people which credential of repositories a Secret is: the values that are no secret.

        An address with somebody's name or password in it is left out.
        """
        known = await self._opened(stored, actor=actor, reason=reason)
        if known is None:
            return {}
        url = known.candidate.repo_url
        found = {secret.USERNAME: known.username}
        if not _NAMES_A_USER.match(url):
            found[secret.REPO_URL] = url
        if known.candidate.is_regex:
            found[secret.REPO_URL_IS_REGEX] = "true"
        return {key: value for key, value in found.items() if value}

    async def open_secret(self, ref: Ref, *, actor: str, reason: str) -> dict[str, str] | None:
        """Return the values of a Secret as texts, or None if there is no such Secret."""
        document = await self.opened(ref, actor=actor, reason=reason)
        return None if document is None else _values(document)

    async def opened(self, ref: Ref, *, actor: str, reason: str) -> Document | None:
        """Return a sealed object with its values, or None if there is no such object.

        The one way to them: `actor` and `reason` go into the access record.
        """
        try:
            return await self._store.reveal(ref, actor=actor, reason=reason)
        except errors.NotFound:
            return None

    async def _choose(
        self, namespace: str, type_: Type, url: str, *, actor: str, reason: str
    ) -> Ref | None:
        labelled = Requirement(lookup.LABEL, "In", frozenset({type_}))
        page = await self._store.list(
            Query(kind=scheme.SECRET, namespace=namespace, labels=(labelled,))
        )
        candidates = []
        for stored in page.items:
            known = await self._opened(stored, actor=actor, reason=reason)
            if known is not None:
                candidates.append(known.candidate)
        chosen = lookup.choose(candidates, type_, url)
        return Ref(scheme.SECRET, namespace, chosen.name) if chosen is not None else None

    async def _opened(self, stored: Stored, *, actor: str, reason: str) -> _Known | None:
        """Return what is kept of a Secret; it is opened when this revision is first seen. None if it is gone."""
        key = (stored.uid, stored.revision)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        values = await self.open_secret(
            stored.ref, actor=actor, reason=f"repository named by the Secret, for {reason}"
        )
        if values is None:
            return None
        known = _Known(
            Candidate(
                name=stored.ref.name,
                repo_url=values.get(lookup.REPO_URL, ""),
                is_regex=secret.is_pattern(values),
            ),
            frozenset(key for key, value in values.items() if value),
            values.get(lookup.USERNAME, "")[:_LONGEST_SHOWN],
            github_app.issuer(values),
        )
        self._known[key] = known
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known


def _shape(type_: Type, url: str, values: Mapping[str, str]) -> Shape | None:
    return lookup.shape(type_, url, {key for key, value in values.items() if value})


def _annotations(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return (document.get("metadata") or {}).get("annotations") or {}


def _found(secret: Ref, shape: Shape | None, values: Mapping[str, str]) -> FoundCredential | None:
    """Return what a Secret holds that is sent as it stands there."""
    match shape:
        case Shape.BASIC:
            return FoundCredential(
                username=values[lookup.USERNAME], password=values[lookup.PASSWORD], secret=secret
            )
        case Shape.SSH:
            return FoundCredential(
                ssh_key=values[lookup.SSH_KEY],
                known_hosts=values.get(lookup.KNOWN_HOSTS, ""),
                secret=secret,
            )
    return None


def _values(document: Mapping[str, Any]) -> dict[str, str]:
    values = {str(key): _decoded(str(value)) for key, value in (document.get("data") or {}).items()}
    return values | {
        str(key): str(value) for key, value in (document.get("stringData") or {}).items()
    }


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
