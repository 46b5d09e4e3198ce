"""Stand-ins for the services by which clouds tell who asks: AWS' ECR, STS and agent, Google's tokens and metadata, Azure's.

Each looks at what it is sent as the real one does, as far as that is described, and repeats secrets in what it refuses.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support import github_apps
from tests.support.metric_servers import as_json, form, standing
from towpath.clients.clouds.aws import signature
from towpath.clients.clouds.aws.keys import AwsCredentials
from towpath.clients.clouds.google.account_key import SCOPE
from towpath.resources import moments

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.clock import Clock
    from towpath.demo.loopback import Answer, Request

AWS_ACCOUNT = "123456789012"
GOOGLE_PROJECT = "acme-prod"
EMAIL = f"puller@{GOOGLE_PROJECT}.iam.gserviceaccount.com"
KEY = github_apps.key()


def jwt(**claims: Any) -> str:
    """Return a token of claims that nobody has signed."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


def _parts(text: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")]


@dataclass
class Clouds:
    """All of them on one port; what they gave is counted, and the words of their tokens tell for whom."""

    clock: Clock
    keys: dict[str, str] = field(default_factory=lambda: {"AKIDEXAMPLE": "s3cr3t-of-aws"})
    """Secret keys of AWS by their ids."""
    roles: set[str] = field(default_factory=set)
    """That may be taken."""
    accounts: set[str] = field(default_factory=set)
    """Of Google, that may be lent."""
    given: list[str] = field(default_factory=list)
    """Each token that was given."""
    answer: bytes | None = None
    """What everything is answered with."""

    def respond(self, request: Request) -> Answer:
        """Answer as the service that is asked."""
        if self.answer is not None:
            return 200, {}, self.answer
        target = request.headers.get("X-Amz-Target", "")
        if target == "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken":
            return self._ecr(request)
        ways: dict[str, Callable[[Request], Answer]] = {
            "/sts/": self._sts,
            "/agent": self._agent,
            "/google/token": self._google,
            "/oauth2/exchange": self._exchange,
            "/tenant/oauth2/v2.0/token": self._entra,
        }
        if request.path.startswith("/computeMetadata/"):
            return self._metadata(request)
        if request.path.endswith(":generateAccessToken"):
            return self._lend(request)
        return ways[request.path](request)

    def _ecr(self, request: Request) -> Answer:
        assert json.loads(request.body) == {}
        who = request.headers["Authorization"].partition("Credential=")[2].split("/")
        key_id, _, region, service = who[:4]
        assert service == "ecr"
        credentials = AwsCredentials(
            key_id=key_id,
            secret_key=self.keys.get(key_id, ""),
            token=request.headers.get("X-Amz-Security-Token", ""),
            region=region,
        )
        expected = signature.headers(
            "POST",
            f"http://{request.headers['Host']}{request.path}",
            [(name, request.headers[name]) for name in ("Content-Type", "X-Amz-Target")],
            request.body,
            credentials=credentials,
            service="ecr",
            now=self.clock.now(),
        )
        if (
            key_id not in self.keys
            or dict(expected)["Authorization"] != request.headers["Authorization"]
        ):
            return as_json({"__type": "UnrecognizedClientException", "message": "who are you"}, 400)
        password = self._give(f"ecr {region} {key_id}")
        token = base64.b64encode(f"AWS:{password}".encode()).decode()
        until = (self.clock.now() + timedelta(hours=12)).timestamp()
        return as_json({"authorizationData": [{"authorizationToken": token, "expiresAt": until}]})

    def _sts(self, request: Request) -> Answer:
        asked = form(request)
        if asked["Action"] == "GetCallerIdentity":
            return 200, {}, f"<R><Account>{AWS_ACCOUNT}</Account></R>".encode()
        if asked["Action"] == "AssumeRole" and asked["RoleArn"] not in self.roles:
            return 403, {}, b"<E><Message>not you</Message></E>"
        if asked.get("WebIdentityToken", "web") != "web":
            said = f"<E><Message>{asked['WebIdentityToken']} is none</Message></E>"
            return 400, {}, said.encode()
        name = f"ASIA{asked['RoleArn'].rpartition('/')[2].replace('-', '')}"
        self.keys[name] = "lent"
        until = moments.written(self.clock.now() + timedelta(hours=1))
        return 200, {}, (
            f"<R><AccessKeyId>{name}</AccessKeyId><SecretAccessKey>lent</SecretAccessKey><SessionToken>session</SessionToken>"
            f"<Expiration>{until}</Expiration></R>"
        ).encode()  # fmt: skip

    def _agent(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != "pod":
            return as_json({"message": "no"}, 403)
        self.keys["ASIAPOD"] = "lent"
        until = moments.written(self.clock.now() + timedelta(hours=1))
        return as_json(
            {
                "AccessKeyId": "ASIAPOD",
                "SecretAccessKey": "lent",
                "Token": "session",
                "Expiration": until,
            }
        )

    def _google(self, request: Request) -> Answer:
        asked = form(request)
        assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        signed, _, written = asked["assertion"].rpartition(".")
        head, claims = (json.loads(part) for part in _parts(signed))
        assert head["alg"] == "RS256"
        (proof,) = _parts(written)
        if claims["iss"] != EMAIL:
            return as_json({"error": "invalid_grant", "said": asked["assertion"]}, 400)
        KEY.public_key().verify(proof, signed.encode(), PKCS1v15(), SHA256())
        assert claims["aud"] == f"http://{request.headers['Host']}/google/token"
        assert claims["scope"] == SCOPE
        now = self.clock.now().timestamp()
        assert claims["iat"] <= now < claims["exp"] <= claims["iat"] + 3600
        token = self._give(f"google {claims['iss']}")
        return as_json({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _metadata(self, request: Request) -> Answer:
        if request.headers.get("Metadata-Flavor") != "Google":
            return 403, {}, b""
        if request.path.endswith("/project/project-id"):
            return 200, {}, GOOGLE_PROJECT.encode()
        assert request.path.endswith("/instance/service-accounts/default/token")
        return as_json({"access_token": self._give("google machine"), "expires_in": 3599})

    def _lend(self, request: Request) -> Answer:
        assert request.headers["Authorization"].startswith("Bearer google_machine-")
        account = request.path.rpartition("/")[2].partition(":")[0]
        if account not in self.accounts:
            return as_json({"error": {"status": "PERMISSION_DENIED"}}, 403)
        assert json.loads(request.body) == {"scope": [SCOPE]}
        until = moments.written(self.clock.now() + timedelta(hours=1))
        return as_json({"accessToken": self._give(f"google {account}"), "expireTime": until})

    def _entra(self, request: Request) -> Answer:
        asked = form(request)
        assert asked["scope"] == "https://containerregistry.azure.net/.default"
        assert asked["client_id"] == "client"
        if asked["client_assertion"] != "federated":
            return as_json({"error": f"{asked['client_assertion']} is none"}, 401)
        return as_json({"access_token": "of-azure", "expires_in": 3600})

    def _exchange(self, request: Request) -> Answer:
        asked = form(request)
        assert (asked["grant_type"], asked["tenant"]) == ("access_token", "tenant")
        assert asked["access_token"] == "of-azure"
        end = int(self.clock.now().timestamp()) + 3 * 3600
        self._give(f"acr {asked['service']}")
        return as_json({"refresh_token": jwt(exp=end, of=asked["service"], n=len(self.given))})

    def _give(self, whose: str) -> str:
        self.given.append(whose)
        return f"{whose.replace(' ', '_')}-{len(self.given)}"


def where(url: str) -> str:
    """Return `HOST:PORT` of a URL."""
    return urlsplit(url).netloc


__all__ = ["AWS_ACCOUNT", "EMAIL", "GOOGLE_PROJECT", "KEY", "Clouds", "jwt", "standing", "where"]
