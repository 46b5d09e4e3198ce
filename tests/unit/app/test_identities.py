"""Who the server is in clouds: what its environment tells, or the operator names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.stores import ACTOR, opened
from towpath import errors
from towpath.app.parts import identities
from towpath.clients.http import Egress
from towpath.clock import VirtualClock
from towpath.credentials.finder import Credentials

if TYPE_CHECKING:
    from pathlib import Path

AZURE = {
    "AZURE_TENANT_ID": "t",
    "AZURE_CLIENT_ID": "c",
    "AZURE_FEDERATED_TOKEN_FILE": "/nonexistent",
}
AWS = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "r"}
ACR = "acme.azurecr.io/app"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"


@pytest.mark.parametrize(
    ("named", "clouds"),
    [(None, {"aws", "azure"}), ([], set()), (["azure"], {"azure"})],
)
async def test_only_identities_that_are_there_and_wanted_are_used(
    tmp_path: Path, named: list[str] | None, clouds: set[str]
) -> None:
    """What is used and gives nothing is an error that says whose it was; what is not is as if it were not there."""
    clock = VirtualClock()
    environment = {**AZURE, **AWS, "GCE_METADATA_HOST": ""}
    async with (
        opened(tmp_path) as store,
        Egress(clock=clock) as egress,
        identities(named, egress, clock, environment) as found,
    ):
        assert found.clouds - {"gcp"} == clouds  # the tests may run on a machine of Google
        credentials = Credentials(store, cloud_tokens=found.tokens, clouds=found.clouds)
        for url, cloud, said in (
            (ACR, "azure", "identity at Azure.*AZURE_FEDERATED_TOKEN_FILE cannot be read"),
            (ECR, "aws", "identity at AWS.*AWS_WEB_IDENTITY_TOKEN_FILE cannot be read"),
        ):
            if cloud in clouds:
                with pytest.raises(errors.Unavailable, match=said):
                    await credentials.find("shop", "image", url, actor=ACTOR, reason="t")
            else:
                nobody = await credentials.find("shop", "image", url, actor=ACTOR, reason="t")
                assert nobody is None
