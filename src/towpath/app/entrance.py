"""Makes what lets people in, of a data directory and the operator's settings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from towpath.app.settings import signing_in
from towpath.disk import naming, private_file, writing
from towpath.errors import NotFound
from towpath.resources import scheme
from towpath.resources.annotations import CLAIMS, CLAIMS_FROM
from towpath.resources.kinds import Ref
from towpath.server.auth import admin_account, login_key, passwords
from towpath.server.auth.access import Access
from towpath.server.auth.admin_account import AdminAccount
from towpath.server.auth.login_key import LoginKey
from towpath.server.auth.watched_file import WatchedFile
from towpath.transfer import sealing

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.app.settings.operator import OperatorSettings
    from towpath.clients.http import Egress
    from towpath.clock import Clock
    from towpath.server.auth.access import AccessTerms
    from towpath.server.auth.account_tokens import AccountTokens
    from towpath.store.contract import Document, Store
    from towpath.transfer.sealing import PrivateKey

_ACTOR: Final = "controller:system"
_NAMESPACE: Final = "kargo"
_BY_CONFIGURATION: Final = "configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """The parts that lie in the data directory, and what the operator says."""

    terms: AccessTerms
    account: AdminAccount
    key: LoginKey
    transfer_key: PrivateKey
    """Opens the Secrets of Projects that come from elsewhere."""
    roles: dict[str, dict[str, list[str]]]
    """Claims by the system role that they give."""
    new_password: str = field(default="", repr=False)
    """The administrator's, where it was made just now."""

    @classmethod
    def of(cls, data: Path, operator: OperatorSettings, clock: Clock) -> Entrance:
        """Read what is there and make what is missing: it hashes, so it has a thread. Raises Unavailable."""
        with naming.named(data):
            key = LoginKey.load_or_create(data / login_key.FILE)
            imports = data / sealing.FILE
            secret = private_file.load_or_create(imports, "the key of imports", sealing.new_secret)
            terms = operator.admin_account.terms(operator.server.url)
            path, new_password, file = data / admin_account.FILE, "", None
            if terms.is_enabled and not terms.hash:
                if not path.exists():
                    new_password = passwords.new()
                    writing.write(path, passwords.hashed(new_password).encode() + b"\n")
                file = WatchedFile(path, admin_account.WHAT)
            return cls(
                terms=signing_in.terms(
                    operator.server,
                    operator.sessions,
                    operator.personal_tokens,
                    operator.oidc,
                    base_path=operator.base.text,
                ),
                account=AdminAccount(terms, key, clock, file),
                key=key,
                transfer_key=sealing.of_file(secret),
                roles=operator.oidc.system_roles if operator.oidc else {},
                new_password=new_password,
            )

    def access(self, store: Store, accounts: AccountTokens, clock: Clock, egress: Egress) -> Access:
        """Return what the server works with."""
        return Access(
            self.terms,
            account=self.account,
            accounts=accounts,
            key=self.key,
            store=store.bearers,
            clock=clock,
            egress=egress,
        )

    async def map_claims(self, store: Store) -> None:
        """Have the system roles be those of whom the settings name, and of nobody whom they named before.

        What others have annotated stays where the settings name nobody.
        """
        for name in ("kargo-admin", "kargo-viewer", "kargo-user", "kargo-project-creator"):
            claims = self.roles.get(name) or {}

            def mapped(document: Document, claims: dict[str, list[str]] = claims) -> Document:
                return _mapped(document, claims)

            ref = Ref(scheme.SERVICE_ACCOUNT, _NAMESPACE, name)
            try:
                found = (await store.get(ref, fresh=True)).document
            except NotFound:
                continue
            if _mapped(found, claims) != found:
                await store.patch(ref, mapped, actor=_ACTOR)


def _mapped(document: Document, claims: dict[str, list[str]]) -> Document:
    """Return a ServiceAccount with the claims of the settings, without those that settings gave it before."""
    metadata = document["metadata"]
    annotations = dict(metadata.get("annotations") or {})
    if claims:
        annotations[CLAIMS] = json.dumps(claims, sort_keys=True)
        annotations[CLAIMS_FROM] = _BY_CONFIGURATION
    elif annotations.pop(CLAIMS_FROM, None) is not None:
        annotations.pop(CLAIMS, None)
    left = {key: value for key, value in metadata.items() if key != "annotations"}
    return {
        **document,
        "metadata": {**left, **({"annotations": annotations} if annotations else {})},
    }
