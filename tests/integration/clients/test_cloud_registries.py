"""Credentials for the registries of clouds: by the keys in Secrets, and by who the server is there."""

from __future__ import annotations

import base64
import json
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import clouds, github_apps
from tests.support.clouds import Clouds, standing, where
from tests.support.stores import ACTOR, document, opened
from towpath import errors
from towpath.clients.clouds import machine_identity
from towpath.clients.clouds.aws.ambient import AmbientAws
from towpath.clients.clouds.aws.ecr import EcrTokens
from towpath.clients.clouds.azure.workload import AzureWorkload
from towpath.clients.clouds.google.workload import GoogleWorkload
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.credentials.clouds import Ambient, CloudTokens
from towpath.credentials.finder import Credentials
from towpath.credentials.lookup import LABEL
from towpath.resources import scheme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from towpath.credentials.found import FoundCredential
    from towpath.store.contract import Store

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"
GAR = "europe-docker.pkg.dev/acme/images/app"
ACR = "acme.azurecr.io/app"
AWS_KEY = {
    "awsRegion": "eu-west-1",
    "awsAccessKeyID": "AKIDEXAMPLE",
    "awsSecretAccessKey": "s3cr3t-of-aws",
}


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that was sent or given in confidence is in the log, whatever became of it."""
    with caplog.at_level(logging.DEBUG):
        yield
    said = caplog.text
    for secret in (
        "s3cr3t-of-aws",
        "c4n4ry",
        "federated",
        "of-azure",
        "PRIVATE KEY",
        "eyJ",
        "lent",
    ):
        assert secret not in said


class CloudWorld:
    """A store, the clouds, and the finder between them."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self.clouds = Clouds(clock)
        self.url = ""
        self.credentials = Credentials(store)

    async def write(self, name: str, url: str, type_: str = "image", **values: str) -> None:
        """Write a Secret, new or anew."""
        data = {"repoURL": url, **values}
        made = document(
            scheme.SECRET,
            name,
            "shop",
            labels={LABEL: type_},
            data={key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
        )
        try:
            await self.store.create(made, actor=ACTOR)
        except errors.AlreadyExists:
            await self.store.update(made, actor=ACTOR)

    async def find(self, url: str, project: str = "shop", **more: Any) -> FoundCredential | None:
        """Return the credential for an image."""
        return await self.credentials.find(project, "image", url, actor=ACTOR, reason="t", **more)


@asynccontextmanager
async def _world(tmp_path: Path, **environment: str) -> AsyncIterator[CloudWorld]:
    clock = VirtualClock(NOW)
    async with opened(tmp_path) as store:
        world = CloudWorld(store, clock)
        with standing(world.clouds.respond) as server:
            given = {
                name: value.replace("{url}", server.url).replace("{where}", where(server.url))
                for name, value in environment.items()
            }
            given |= {
                "AWS_ENDPOINT_URL_ECR": server.url,
                "AWS_ENDPOINT_URL_STS": f"{server.url}/sts/",
                "AZURE_AUTHORITY_HOST": server.url,
            }
            found = machine_identity.detected(given, product=tmp_path / "none")
            async with (
                Egress(allow=[where(server.url)], clock=clock) as egress,
                machine_identity.way(given, found, clock) as agent,
            ):
                world.url = server.url
                place = machine_identity.google_place(given)
                google = GoogleWorkload(
                    egress, agent, clock, place=place, credentials_url=server.url
                )
                azure = AzureWorkload(egress, clock, given, registry_url=lambda _: server.url)
                ambient = Ambient(
                    aws=AmbientAws(egress, clock, given, agent=agent) if "aws" in found else None,
                    azure=azure if "azure" in found else None,
                    google=google if "gcp" in found else None,
                )
                tokens = CloudTokens(
                    egress, clock, ecr_tokens=EcrTokens(egress, clock, given), ambient=ambient
                )
                world.credentials = Credentials(store, cloud_tokens=tokens, clouds=found)
                yield world


def _google_key(url: str, **more: str) -> str:
    made = {
        "type": "service_account",
        "client_email": clouds.EMAIL,
        "private_key": github_apps.pem(clouds.KEY),
        "token_uri": f"{url}/google/token",
        **more,
    }
    return base64.b64encode(json.dumps(made).encode()).decode()


async def test_a_key_of_aws_is_exchanged_for_a_token_of_ecr(tmp_path: Path) -> None:
    """It is kept for most of its twelve hours; a rotated Secret counts at once, a refused token is not given out again."""
    async with _world(tmp_path) as world:
        await world.write("ecr", ECR, **AWS_KEY)
        found = await world.find(ECR)
        assert found is not None
        assert (found.username, found.password) == ("AWS", "ecr_eu-west-1_AKIDEXAMPLE-1")
        assert found.source == 'secrets "shop/ecr"'
        await world.clock.advance(timedelta(hours=11, minutes=54).total_seconds())
        assert await world.find(ECR) == found
        await world.clock.advance(60)
        renewed = await world.find(ECR)
        assert renewed is not None
        assert renewed.password.endswith("-2")
        other = await world.find(ECR, refused=renewed.password)
        assert other is not None
        assert other.password.endswith("-3")
        world.clouds.keys["AKIDOTHER"] = "rotated"
        await world.write(
            "ecr",
            ECR,
            **{**AWS_KEY, "awsAccessKeyID": "AKIDOTHER", "awsSecretAccessKey": "rotated"},
        )
        rotated = await world.find(ECR)
        assert rotated is not None
        assert rotated.password == "ecr_eu-west-1_AKIDOTHER-4"


async def test_a_chart_in_ecr_is_opened_by_the_same_key(tmp_path: Path) -> None:
    """Charts name their registry with `oci://`."""
    async with _world(tmp_path) as world:
        await world.write("ecr", f"oci://{ECR}", "helm", **AWS_KEY)
        found = await world.credentials.find(
            "shop", "helm", f"oci://{ECR}", actor=ACTOR, reason="t"
        )
        assert found is not None
        assert found.username == "AWS"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"awsSecretAccessKey": "c4n4ry-secret"},
            r"a token for ECR: .* answered 400 .*who are you",
        ),
        ({"awsRegion": "evil.example/c4n4ry"}, "awsRegion is no region"),
        ({"awsAccessKeyID": "c4n4ry\n"}, r"a token for ECR: .* answered 400"),
        ({"awsAccessKeyID": "c4/n4ry"}, "awsAccessKeyID is no id of a key"),
    ],
)
async def test_a_key_that_aws_refuses_is_named_and_not_shown(
    tmp_path: Path, values: dict[str, str], said: str
) -> None:
    """The Secret decides all the same: nothing else is tried."""
    async with _world(tmp_path) as world:
        await world.write("ecr", ECR, **(AWS_KEY | values))
        with pytest.raises(errors.TowpathError, match=said) as raised:
            await world.find(ECR)
        assert "Secret shop/ecr, which holds an AWS access key" in str(raised.value)
        assert "c4n4ry" not in str(raised.value)
        assert "c4/n4ry" not in str(raised.value)


async def test_a_key_of_google_is_exchanged_and_not_sent(tmp_path: Path) -> None:
    """What the registry gets is a token for an hour; another key in the Secret is another token at once."""
    async with _world(tmp_path) as world:
        await world.write("gar", GAR, gcpServiceAccountKey=_google_key(world.url))
        found = await world.find(GAR)
        assert found is not None
        assert (found.username, found.password) == ("oauth2accesstoken", f"google_{clouds.EMAIL}-1")
        assert await world.find(GAR) == found
        await world.write("gar", GAR, gcpServiceAccountKey=_google_key(world.url, project_id="x"))
        again = await world.find(GAR)
        assert again is not None
        assert again.password.endswith("-2")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"type": "authorized_user"}, "gcpServiceAccountKey: it is no key of a service account"),
        ({"private_key": "c4n4ry"}, "gcpServiceAccountKey: private_key: it is no private key"),
        ({"client_email": ""}, "gcpServiceAccountKey: it lacks client_email"),
        ({"client_email": "c@x"}, "answered 400"),
        ({"token_uri": "http://169.254.169.254/c"}, "is not encrypted"),
        ({"token_uri": "https://169.254.169.254/c"}, "must not be reached"),
    ],
)
async def test_a_key_of_google_that_is_none_is_named_and_not_shown(
    tmp_path: Path, more: dict[str, str], said: str
) -> None:
    """Where it says that tokens are given is a place like any other that a manifest names."""
    async with _world(tmp_path) as world:
        await world.write("gar", GAR, gcpServiceAccountKey=_google_key(world.url, **more))
        with pytest.raises(errors.TowpathError, match=said) as raised:
            await world.find(GAR)
        assert "Secret shop/gar, which holds a Google service-account key" in str(raised.value)
        assert "c4n4ry" not in str(raised.value)
        assert "eyJ" not in str(raised.value)  # how every assertion begins


async def test_eks_web_identity_serves_where_no_secret_matches(tmp_path: Path) -> None:
    """A role of the Project's name is taken where there is one; then a Secret goes before it."""
    token = tmp_path / "token"
    token.write_text("web\n")
    role = f"arn:aws:iam::{clouds.AWS_ACCOUNT}:role/towpath"
    given = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role}
    async with _world(tmp_path, **given) as world:
        found = await world.find(ECR)
        assert found is not None
        assert (found.username, found.password) == ("AWS", "ecr_eu-west-1_ASIAtowpath-1")
        assert found.source == "the server's identity at AWS"
        own = f"arn:aws:iam::{clouds.AWS_ACCOUNT}:role/kargo-project-shop"
        world.clouds.roles.add(own)
        assert await world.find(ECR) == found
        await world.clock.advance(3600)
        lent = await world.find(ECR)
        assert lent is not None
        assert lent.password == "ecr_eu-west-1_ASIAkargoprojectshop-2"
        assert await world.find(GAR) is None
        await world.write("mine", ECR, username="u", password="p")
        mine = await world.find(ECR)
        assert mine is not None
        assert mine.username == "u"
        token.write_text("c4n4ry-token")
        await world.clock.advance(timedelta(hours=12).total_seconds())
        with pytest.raises(errors.Forbidden, match="identity at AWS, as no Secret") as raised:
            await world.find(ECR.replace("/app", "/other"))
        assert "c4n4ry" not in str(raised.value)


async def test_eks_pod_identity_is_asked_at_the_agent(tmp_path: Path) -> None:
    """By the address and the file that EKS names; the account is asked for, as no role tells it."""
    token = tmp_path / "token"
    token.write_text("pod")
    given = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/agent",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token),
    }
    async with _world(tmp_path, **given) as world:
        found = await world.find(ECR)
        assert found is not None
        assert found.password == "ecr_eu-west-1_ASIAPOD-1"
        token.write_text("c4n4ry")
        await world.clock.advance(timedelta(hours=12).total_seconds())
        with pytest.raises(errors.Unavailable, match=r"FULL_URI: .* answered 403") as raised:
            await world.find(ECR)
        assert "c4n4ry" not in str(raised.value)


async def test_gke_workload_identity_is_asked_at_the_metadata_server(tmp_path: Path) -> None:
    """The Project's own account is lent where the machine's may do that, else the machine's serves."""
    async with _world(tmp_path, GCE_METADATA_HOST="{where}") as world:
        account = f"kargo-project-shop@{clouds.GOOGLE_PROJECT}.iam.gserviceaccount.com"
        world.clouds.accounts.add(account)
        found = await world.find(GAR)
        assert found is not None
        assert found.username == "oauth2accesstoken"
        assert found.password.startswith(f"google_{account}-")
        assert await world.find("gcr.io/acme/app") == found
        other = await world.find(GAR, project="other")
        assert other is not None
        assert other.password.startswith("google_machine-")
        assert await world.find(ECR) is None


async def test_aks_workload_identity_is_exchanged_at_the_registry(tmp_path: Path) -> None:
    """The token of the cluster for one of Azure, that for one of the registry, which is kept till shortly before its end."""
    token = tmp_path / "token"
    token.write_text("federated\n")
    given = {
        "AZURE_TENANT_ID": "tenant",
        "AZURE_CLIENT_ID": "client",
        "AZURE_FEDERATED_TOKEN_FILE": str(token),
    }
    async with _world(tmp_path, **given) as world:
        found = await world.find(ACR)
        assert found is not None
        assert found.username == "00000000-0000-0000-0000-000000000000"
        assert await world.find(ACR) == found
        await world.find("other.azurecr.io/app")
        assert world.clouds.given == ["acr acme.azurecr.io", "acr other.azurecr.io"]
        await world.clock.advance(timedelta(hours=2, minutes=55).total_seconds())
        assert await world.find(ACR) != found
        for host in (
            "azurecr.io.evil.example/app",
            "acme.azurecr.io.evil/app",
            "x/acme.azurecr.io",
        ):
            assert await world.find(host) is None
        token.write_text("c4n4ry-token")
        with pytest.raises(errors.Forbidden, match="identity at Azure, as no Secret") as raised:
            await world.find("third.azurecr.io/app")
        assert "c4n4ry" not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"{}",
        b"<html>",
        b"[" * 100_000,
        b'{"authorizationData":[{"authorizationToken":"!"}]}',
        b'{"authorizationData":[{"authorizationToken":"QVdTOg=="}]}',
        b'{"authorizationData":[{"authorizationToken":"\\u0000"}]}',
    ],
)
async def test_what_clouds_say_that_is_no_token(tmp_path: Path, answer: bytes) -> None:
    """Is an error of the cloud, and never sent as a password."""
    async with _world(tmp_path) as world:
        await world.write("ecr", ECR, **AWS_KEY)
        world.clouds.answer = answer
        with pytest.raises(errors.Unavailable, match=r"a token for ECR: .*answer"):
            await world.find(ECR)
