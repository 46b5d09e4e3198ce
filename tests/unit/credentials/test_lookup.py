"""Which Secret belongs to a repository, and what it holds."""

from __future__ import annotations

import pytest

from towpath.credentials import lookup
from towpath.credentials.lookup import Candidate, Shape

URL = "https://git.example/acme/app.git"


def _chosen(*candidates: Candidate, url: str = URL) -> str:
    found = lookup.choose(candidates, "git", url)
    return found.name if found else ""


def test_an_exact_address_goes_before_an_expression() -> None:
    """Whatever their names are; among equals the name decides."""
    rx = Candidate("a", "^https://git\\.example/", is_regex=True)
    assert _chosen(rx, Candidate("z", URL)) == "z"
    assert _chosen(Candidate("z", URL), Candidate("y", "https://git.example/ACME/app")) == "y"
    assert _chosen(Candidate("b", ".*", is_regex=True), rx) == "a"


def test_what_is_not_valid_matches_nothing() -> None:
    """No address, a broken expression, another repository."""
    assert _chosen(Candidate("a", "")) == ""
    assert _chosen(Candidate("a", "(", is_regex=True)) == ""
    assert _chosen(Candidate("a", "https://git.example/acme/app2")) == ""


def test_an_expression_sees_the_address_as_written_and_in_its_normal_form() -> None:
    """`$` behind `app` holds without `.git`; behind `.git` it holds too."""
    assert _chosen(Candidate("a", "/app$", is_regex=True)) == "a"
    assert _chosen(Candidate("a", "/app\\.git$", is_regex=True)) == "a"


@pytest.mark.parametrize(
    ("url", "allow_http", "is_sent"),
    [
        ("http://git.example/x", False, False),
        ("HTTP://git.example/x", False, False),
        ("http://git.example/x", True, True),
        ("https://git.example/x", False, True),
        ("git@git.example:x", False, True),
    ],
)
def test_nothing_goes_over_plain_http(url: str, allow_http: bool, is_sent: bool) -> None:
    """Unless the operator says so."""
    assert lookup.may_be_sent(url, allow_http=allow_http) is is_sent


ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"
AWS = {"awsRegion", "awsAccessKeyID", "awsSecretAccessKey"}
APP = {"githubAppClientID", "githubAppInstallationID", "githubAppPrivateKey"}


@pytest.mark.parametrize(
    ("type_", "url", "keys", "shape"),
    [
        ("git", URL, {"username", "password"}, Shape.BASIC),
        ("git", URL, {"username"}, None),
        ("git", URL, {"sshPrivateKey"}, Shape.SSH),
        ("git", URL, {"username", "password", "sshPrivateKey"}, Shape.BASIC),
        ("git", URL, APP, Shape.GITHUB_APP),
        ("git", URL, APP - {"githubAppClientID"} | {"githubAppID"}, Shape.GITHUB_APP),
        ("git", URL, APP - {"githubAppClientID"}, None),
        ("git", "git@git.example:acme/app", APP, None),
        ("image", ECR, AWS, Shape.ECR_KEY),
        ("helm", f"oci://{ECR}", AWS, Shape.ECR_KEY),
        ("image", "registry.example/app", AWS, None),
        ("git", ECR, AWS, None),
        ("image", "europe-docker.pkg.dev/p/r/app", {"gcpServiceAccountKey"}, Shape.GAR_KEY),
        ("image", "eu.gcr.io/p/app", {"gcpServiceAccountKey"}, Shape.GAR_KEY),
        ("image", "notgcr.io/p/app", {"gcpServiceAccountKey"}, None),
    ],
)
def test_shapes(type_: lookup.Type, url: str, keys: set[str], shape: Shape | None) -> None:
    """The keys that are there, the type and the host decide."""
    assert lookup.shape(type_, url, keys) is shape
