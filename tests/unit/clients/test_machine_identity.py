"""Which clouds gave this machine an identity, and which addresses that opens, to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.clients.clouds import machine_identity
from towpath.clients.http.guard import Guard, RefusedAddress
from towpath.clock import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "f", "AWS_ROLE_ARN": "r"}
AGENT = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"}
AZURE = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "f"}


@pytest.mark.parametrize(
    ("environment", "clouds"),
    [
        ({}, set()),
        ({"AWS_ACCESS_KEY_ID": "a", "AWS_PROFILE": "b", "AZURE_CLIENT_ID": "c"}, set()),
        (WEB, {"aws"}),
        (AGENT, {"aws"}),
        (AZURE, {"azure"}),
        ({"GCE_METADATA_HOST": "h"}, {"gcp"}),
    ],
)
def test_the_environment_tells(
    environment: dict[str, str], clouds: set[str], tmp_path: Path
) -> None:
    """What a person has for tools of their own is no identity that the server was given."""
    found = machine_identity.detected(environment, product=tmp_path / "none")
    assert found == clouds
    assert machine_identity.chosen(["aws"], environment) == {"aws"}
    assert machine_identity.chosen([], environment) == set()


def test_a_machine_of_google_says_so(tmp_path: Path) -> None:
    """In a file, so that nothing has to be asked."""
    product = tmp_path / "product_name"
    product.write_text("Google Compute Engine\n")
    assert machine_identity.detected({}, product=product) == {"gcp"}
    product.write_text("Standard PC\n")
    assert machine_identity.detected({}, product=product) == set()


def test_where_googles_agent_is() -> None:
    """By its address, so that no server of names has a say in it."""
    for name in ("", "metadata.google.internal", "metadata"):
        assert machine_identity.google_place({"GCE_METADATA_HOST": name}) == "169.254.169.254:80"
    assert machine_identity.google_place({"GCE_METADATA_HOST": "127.0.0.1:8"}) == "127.0.0.1:8"


@pytest.mark.parametrize(
    ("clouds", "opens", "stays_shut"),
    [
        ({"aws"}, "169.254.170.23", "169.254.169.254"),
        ({"gcp"}, "169.254.169.254", "169.254.170.23"),
    ],
)
def test_an_agent_is_opened_to_nobody_else(clouds: set[str], opens: str, stays_shut: str) -> None:
    """Only one way leads there, to the one port, and to no other agent."""
    guard = machine_identity.way(AGENT, frozenset(clouds), VirtualClock()).guard
    guard.check(opens, 80)
    for address, port in ((opens, 81), (stays_shut, 80), ("127.0.0.1", 80), ("169.254.1.1", 80)):
        with pytest.raises(RefusedAddress):
            guard.check(address, port)
    with pytest.raises(RefusedAddress):
        Guard(allow=[f"{opens}:80"]).check(opens, 80)
    with pytest.raises(RefusedAddress):
        Guard(identity=[f"{opens}:80"], own=[f"{opens}:80"]).check(opens, 80)
