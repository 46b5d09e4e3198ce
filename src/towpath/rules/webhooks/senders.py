"""The table of senders: under which key of its Secret each has its secret, how it proves it, how its deliveries are read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from towpath.resources.document import text
from towpath.rules.webhooks import artifactory, azure, bitbucket, gitea, github, gitlab, registries
from towpath.rules.webhooks.deeds import Deed, RefusedDeed
from towpath.rules.webhooks.proofs import AddressProof, Proof, SignatureProof, TokenProof

PREFIX: Final = "/webhooks"
"""What the paths of all receivers begin with."""
GENERIC: Final = "generic"
_SECRET: Final = "secret"  # noqa: S105 - the name of a key
_SECRET_TOKEN: Final = "secret-token"  # noqa: S105 - the name of a key
_MAY_BE_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""What a half of a pair of UTF-16 looks like in JSON; a whole pair begins so, too."""
_DEEPEST: Final = "the body is nested too deeply"

Read = Callable[[Mapping[str, str], Any], Deed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One type of receiver."""

    key: str = _SECRET
    """Of the Secret's data."""
    proof: Callable[[str], Proof] = lambda _: AddressProof()
    """Makes the proof of a secret."""
    read: Read | None = None
    """None: expressions say what a delivery means."""
    delivery: str = ""
    """The header that names a delivery, where there is one."""


SENDERS: Final[Mapping[str, Sender]] = {
    "artifactory": Sender(
        key=_SECRET_TOKEN,
        proof=partial(SignatureProof.of, header="x-jfrog-event-auth"),
        read=artifactory.read,
    ),
    "azure": Sender(read=azure.read),
    "bitbucket": Sender(
        proof=partial(SignatureProof.of, header="x-hub-signature", prefix="sha256="),
        read=bitbucket.read,
        delivery="x-request-uuid",
    ),
    "dockerhub": Sender(read=registries.docker_hub),
    GENERIC: Sender(),
    "gitea": Sender(
        proof=partial(SignatureProof.of, header="x-hub-signature-256", prefix="sha256="),
        read=gitea.read,
        delivery="x-gitea-delivery",
    ),
    "github": Sender(
        proof=partial(SignatureProof.of, header="x-hub-signature-256", prefix="sha256="),
        read=github.read,
        delivery="x-github-delivery",
    ),
    "gitlab": Sender(
        key=_SECRET_TOKEN,
        proof=partial(TokenProof.of, header="x-gitlab-token"),
        read=gitlab.read,
        delivery="x-gitlab-event-uuid",
    ),
    "harbor": Sender(
        key="auth-header",
        proof=partial(TokenProof.of, header="authorization"),
        read=registries.harbor,
    ),
    "quay": Sender(read=registries.quay),
}
"""By the key that names the type in `webhookReceivers[]`."""


def type_of(receiver: Mapping[str, Any]) -> str:
    """Return the type of an item of `webhookReceivers`; empty where it has none, or several."""
    found = [key for key in SENDERS if isinstance(receiver.get(key), Mapping)]
    return found[0] if len(found) == 1 else ""


def path(type_: str, project: str, name: str, secret: str) -> str:
    """Return where a receiver listens, as Kargo makes it: of its type, its Project (none for the ClusterConfig's), its name, its secret."""
    digest = hashlib.sha256(f"{project}{name}{secret}".encode()).hexdigest()
    return f"{PREFIX}/{type_}/{digest}"


def deed(type_: str, config: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> Deed:
    """Return what the body of a delivery comes to. `config`: what stands under the type's key."""
    payload = parsed(body)
    if isinstance(payload, RefusedDeed):
        return payload
    if not isinstance(payload, dict):
        return RefusedDeed(event="", said="the body is not a JSON object")
    read = SENDERS[type_].read
    if read is None:
        return RefusedDeed(event="", said="expressions read it")
    virtual = text(config, "virtualRepoName")
    if type_ == "artifactory" and virtual:
        return artifactory.read(headers, payload, virtual_repository=virtual)
    return read(headers, payload)


def parsed(body: bytes) -> Any:
    """Return the value that a body is, in JSON; RefusedDeed where it is none.

    Halves of pairs of UTF-16, as senders leave that cut a text anywhere, are no text: each becomes U+FFFD, as in Go.
    """
    try:
        found = json.loads(body)
        if not _MAY_BE_HALF.search(body):
            return found
        written = json.dumps(found, ensure_ascii=False).encode("utf-16", "surrogatepass")
        return json.loads(written.decode("utf-16", "replace"))
    except RecursionError:
        return RefusedDeed(event="", said=_DEEPEST)
    except ValueError as error:
        return RefusedDeed(event="", said=f"the body is not JSON: {error}")
