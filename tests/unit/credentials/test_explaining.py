"""Which Secret serves, and why the others do not: the same Secret that is sent, and no value told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.credentials import explaining, lookup
from towpath.credentials.explaining import SecretFacts
from towpath.credentials.lookup import Candidate
from towpath.resources.shared_namespaces import SHARED

if TYPE_CHECKING:
    from towpath.credentials.token_scopes import Scopes

URL = "https://git.example/acme/app"
BASIC = ("repoURL", "username", "password")
APP = ("repoURL", "githubAppID", "githubAppInstallationID", "githubAppPrivateKey")


def _secret(
    name: str,
    repo_url: str = URL,
    *,
    namespace: str = "shop",
    label: str = "git",
    regex: bool = False,
    keys: tuple[str, ...] = BASIC,
) -> SecretFacts:
    is_open = label in ("git", "helm", "image")
    candidate = Candidate(name, repo_url, regex) if is_open else None
    return SecretFacts(namespace=namespace, name=name, label=label, candidate=candidate, keys=keys)


def _reasons(*secrets: SecretFacts, type_: lookup.Type = "git", url: str = URL) -> dict[str, str]:
    judged = explaining.judge(secrets, type_, url, project="shop", is_sent=True)
    return {each.secret.name: ("+ " if each.serves else "- ") + each.reason for each in judged}


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        (_secret("x", f"{URL}.git"), "+ same address; it holds user name and password"),
        (_secret("x", "^https://git", regex=True), "+ its pattern matches; it holds user name"),
        (_secret("x", keys=("repoURL", "username")), "- it names this repository, so no other"),
        (_secret("x", label=""), "- it has no label kargo.akuity.io/cred-type: add"),
        (_secret("x", label="generic"), "- its label says generic, not git"),
        (_secret("x", label="helm"), "- it is for helm"),
        (_secret("x", ""), "- its repoURL is missing or empty"),
        (_secret("x", "https://git.example/acme/other"), "- its repoURL is another address"),
        (_secret("x", "git.example/acme/app"), "- its repoURL differs only in the scheme"),
        (_secret("x", "https://git.example"), "- its repoURL is only the beginning of the address"),
        (_secret("x", "(", regex=True), "- its repoURL is no regular expression"),
        (_secret("x", "^http:", regex=True), "- its pattern matches neither"),
    ],
)
def test_each_secret_has_its_reason(secret: SecretFacts, reason: str) -> None:
    """For it alone."""
    [(name, said)] = _reasons(secret).items()
    assert name == "x"
    assert said.startswith(reason), said
    assert "acme/other" not in said


@pytest.mark.parametrize(
    ("url", "scopes", "reason"),
    [
        (
            URL,
            None,
            "+ same address; it holds a GitHub App, Iv1: https://git.example/api/v3 gives a token for app",
        ),
        (
            "https://github.com/o/r",
            None,
            "+ same address; it holds a GitHub App, Iv1: https://api.github.com gives",
        ),
        (URL, {"shop": frozenset({"app"})}, "+ same address"),
        (
            URL,
            {},
            "- it holds the GitHub App Iv1, and its annotation kargo.akuity.io/github-token-scopes does not let",
        ),
        (
            f"{URL}/x",
            None,
            "- it holds a GitHub App, and https://git.example/acme/app/x is not HOST/OWNER/REPOSITORY",
        ),
    ],
)
def test_a_github_app_is_named(url: str, scopes: Scopes | None, reason: str) -> None:
    """With what gives the token, or why the Project gets none."""
    secret = replace(_secret("x", url, keys=APP), app="Iv1", scopes=scopes)
    [said] = _reasons(secret, url=url).values()
    assert said.startswith(reason), said


ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app"
AWS_KEY = ("repoURL", "awsRegion", "awsAccessKeyID", "awsSecretAccessKey")


@pytest.mark.parametrize(
    ("keys", "url", "clouds", "reason"),
    [
        (None, ECR, {"aws"}, "+ no Secret matches 123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
        (None, ECR, {"gcp"}, "- this server has no identity at aws"),
        (AWS_KEY, ECR, {"aws"}, "- a Secret matches, and Secrets go before it"),
        (("repoURL",), ECR, {"aws"}, "- a Secret matches, and Secrets go before it"),
        (None, "acme.azurecr.io/app", {"azure"}, "+ no Secret matches acme.azurecr.io"),
        (None, "Europe-docker.pkg.dev/a/b", {"gcp"}, "+ no Secret matches europe-docker.pkg.dev"),
        (None, "gcr.io/a", {"gcp"}, "+ no Secret matches gcr.io"),
        (None, "acme.azurecr.io.example/app", {"azure"}, ""),
        (None, "ghcr.io/acme/app", {"aws", "azure", "gcp"}, ""),
    ],
)
def test_the_server_itself_serves_where_no_secret_matches(
    keys: tuple[str, ...] | None, url: str, clouds: set[str], reason: str
) -> None:
    """A Secret that matches decides, also one that is of no use."""
    secrets = [_secret("x", url, label="image", keys=keys)] if keys else []
    judged = explaining.judge(secrets, "image", url, project="shop", is_sent=True)
    if keys == AWS_KEY:
        assert [(each.serves, each.reason) for each in judged] == [
            (True, "same address; it holds an AWS access key for ECR")
        ]
    found = explaining.judge_identity(judged, clouds, "image", url)
    said = f"{'+' if found.serves else '-'} {found.reason}" if found is not None else ""
    assert said.startswith(reason)
    assert bool(said) == bool(reason)


@pytest.mark.parametrize("scopes", [None, {}])
def test_what_a_secret_calls_its_app_acts_on_no_terminal(scopes: Scopes | None) -> None:
    """Neither a colour, nor a title of the window, nor a mark that turns the direction of what follows."""
    app = "Iv\x1b[31m1\x1b]0;title\x07\u202e2\x9b2J"
    secret = replace(_secret("x", keys=APP), app=app, scopes=scopes)
    [said] = _reasons(secret).values()
    assert "Iv12" in said
    assert said.isprintable()


def test_what_is_no_credential_is_left_out() -> None:
    """Other Secrets of a Project are nobody's business here."""
    assert _reasons(_secret("x", label="", keys=("token",))) == {}
    assert _reasons(_secret("x", label="generic", keys=("token",))) == {}


def test_one_serves_and_the_others_name_it() -> None:
    """The Project before the shared ones, an address before a pattern, then by name."""
    found = _reasons(
        _secret("b"),
        _secret("a", URL.upper()),
        _secret("c", "git", regex=True),
        _secret("d", namespace=SHARED),
    )
    assert next(iter(found)) == "a"
    assert found["b"] == "- it names the repository as well, but Secret a comes before it by name"
    assert found["c"] == "- its pattern matches, but Secret a names the very address"
    assert found["d"] == "- Secret a of the Project goes before shared ones"


def test_plain_http_serves_nobody() -> None:
    """The Secret that names it says why."""
    [judged] = explaining.judge(
        [_secret("x", "http://git.example/a")],
        "git",
        "http://git.example/a",
        project="shop",
        is_sent=False,
    )
    assert not judged.serves
    assert "plain HTTP" in judged.reason


_ADDRESSES = st.sampled_from(
    [URL, f"{URL}.git", "https://git.example/acme", "git", "^https", "(", "", "ghcr.io/acme/app"]
)
_SECRETS = st.lists(
    st.builds(
        _secret,
        name=st.sampled_from(list("abcdef")),
        repo_url=_ADDRESSES,
        namespace=st.sampled_from(["shop", SHARED]),
        label=st.sampled_from(["git", "helm", "image", "generic", ""]),
        regex=st.booleans(),
        keys=st.sampled_from([BASIC, ("repoURL",), ("repoURL", "sshPrivateKey"), ()]),
    ),
    max_size=6,
    unique_by=lambda secret: (secret.namespace, secret.name),
)


@given(_SECRETS, st.sampled_from(["git", "helm", "image"]), _ADDRESSES)
def test_what_serves_is_what_would_be_sent(
    secrets: list[SecretFacts], type_: lookup.Type, url: str
) -> None:
    """Every labelled Secret is told, and at most one serves: that which the finder chooses."""
    judged = explaining.judge(secrets, type_, url, project="shop", is_sent=True)
    serving = [each.secret for each in judged if each.serves]
    chosen = None
    for namespace in ("shop", SHARED):
        here = [
            each
            for each in secrets
            if each.namespace == namespace and each.label == type_ and each.candidate
        ]
        found = lookup.choose([each.candidate for each in here if each.candidate], type_, url)
        if found is not None:
            chosen = next(each for each in here if each.candidate is found)
            break
    usable = chosen is not None and lookup.shape(type_, url, chosen.keys) is not None
    assert serving == ([chosen] if usable else [])
    told = [each.secret for each in judged]
    assert all(each in told for each in secrets if each.candidate is not None)
    assert all(each.reason for each in judged)
