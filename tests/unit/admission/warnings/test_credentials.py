"""Secrets that nearly are credentials."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.admission.warnings.credentials import of_secret, of_use
from towpath.resources.annotations import GITHUB_TOKEN_SCOPES

LABEL = "kargo.akuity.io/cred-type"
APP = "https://github.com/org/app"


def _said(
    type_: str | None,
    values: dict[str, str],
    labels: dict[str, Any] | None = None,
    scopes: str | None = None,
) -> list[str]:
    found = {**({LABEL: type_} if type_ else {}), **(labels or {})}
    annotations = {} if scopes is None else {GITHUB_TOKEN_SCOPES: scopes}
    return of_secret(found, [key for key, value in values.items() if value], values, annotations)


def _login(url: str, **more: str) -> dict[str, str]:
    return {"repoURL": url, "username": "u", "password": "p", **more}


def _app(pattern: str) -> dict[str, str]:
    keys = {"githubAppID": "1", "githubAppInstallationID": "2", "githubAppPrivateKey": "k"}
    return {"repoURL": pattern, "repoURLIsRegex": "true", **keys}


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("git", _login(APP)),
        ("git", _login("HTTPS://github.com/org/app.git")),
        ("git", {"repoURL": "git@github.com:org/app.git", "sshPrivateKey": "k"}),
        ("git", {"repoURL": "ssh://git@git-host.example:22/org/app", "sshPrivateKey": "k", "knownHosts": "h"}),
        ("git", _login("^https://github[.]com/", repoURLIsRegex="true")),
        ("git", {"repoURL": APP, "githubAppID": "1", "githubAppInstallationID": "2", "githubAppPrivateKey": "k"}),
        ("image", _login("ghcr.io/org/app")),
        ("image", _login("nginx")),
        ("image", _login("^ghcr[.]io/", repoURLIsRegex="true")),
        ("git", _login("(?i)(^https://a/|^https://b/)", repoURLIsRegex="true")),
        ("image", _login("ghcr.io/org/app", repoURLIsRegex="false")),
        ("image", {"repoURL": "europe-docker.pkg.dev/p/app", "gcpServiceAccountKey": "k"}),
        ("image", {"repoURL": ".*", "repoURLIsRegex": "true", "awsRegion": "a", "awsAccessKeyID": "b", "awsSecretAccessKey": "c"}),
        ("helm", _login("https://charts.example.com")),
        ("helm", _login("oci://ghcr.io/org/charts/app")),
        ("generic", {"token": "x"}),
        (None, {"username": "u", "password": "p"}),
        (None, {"url": APP, "password": "p"}),
    ],
)  # fmt: skip
def test_what_serves_is_not_warned_of(type_: str | None, values: dict[str, str]) -> None:
    """Every shape of credential, and Secrets that are for something else."""
    assert _said(type_, values) == []


@pytest.mark.parametrize(
    ("type_", "values", "parts"),
    [
        (None, _login(APP), ["metadata.labels: ", LABEL, "git, helm, image"]),
        (None, _login("(", repoURLIsRegex="true"), ["is none", "without the label"]),
        (None, {"repoUrl": APP, "password": "p"}, ["without the label", 'did you mean "repoURL"?']),
        ("repository", _login(APP), ["'repository' is no type of credential", "git"]),
        ("Git", _login(APP), ['did you mean "git"?']),
        ("generic", _login(APP), ["never the credential of a repository"]),
        ("git", {"username": "u", "password": "p"}, ["it has no repoURL"]),
        ("git", {"url": APP, "username": "u", "password": "p"}, ["data.url: no credential has this key", '"repoURL"']),
        ("git", {"repoURL": APP, "user": "u", "password": "p"}, ["data.user", "it has no username"]),
        ("git", {"repoURL": APP, "username": "u", "passwort": "p"}, ['did you mean "password"?', "it has no password"]),
        ("git", {"repoURL": APP, "username": "u", "password": ""}, ["it has no password, or an empty one"]),
        ("git", {"repoURL": APP, "token": "t"}, ["its keys make no credential", "sshPrivateKey"]),
        ("image", {"repoURL": "ghcr.io/a/b", "sshkey": "t"}, ["make no credential"]),
        ("image", _login("https://ghcr.io/org/app"), ["named without https://"]),
        ("image", _login("oci://ghcr.io/org/app"), ["named without oci://"]),
        ("image", _login("^https://ghcr.io/", repoURLIsRegex="true"), ["named without https://"]),
        ("image", _login("ghcr.io"), ["names a host and no repository", "^HOST/"]),
        ("image", _login("localhost:5000/"), ["names a host and no repository"]),
        ("git", _login("https://github.com/"), ["names a host and no repository", "^https://HOST/"]),
        ("git", _login("github.com"), ["begins with https:// or ssh://"]),
        ("git", _login("github.com/org/app"), ["begins with https:// or ssh://"]),
        ("git", _login("ftp://github.com/org/app"), ["by ftp://"]),
        ("git", _login("http://git.example/org/app"), ["not sent over http://"]),
        ("helm", _login("oci://ghcr.io"), ["names a host and no repository"]),
        ("git", _login("https://github.com/org/.*"), ["looks like a regular expression", 'repoURLIsRegex to "true"']),
        ("git", _login("github[.]com/org/", repoURLIsRegex="true"), ["anywhere in an address", "^https://HOST/"]),
        ("image", _login("ghcr[.]io/", repoURLIsRegex="true"), ["anywhere in an address", "with ^HOST/"]),
        ("git", _login(APP, repoURLIsRegex="True"), ['only "true" says']),
        ("git", _login(APP, repoURLIsRegex="yes"), ['only "true" says']),
    ],
)  # fmt: skip
def test_what_serves_nobody_is_told(
    type_: str | None, values: dict[str, str], parts: list[str]
) -> None:
    """The field, why, and what to write instead."""
    said = "\n".join(_said(type_, values))
    for part in parts:
        assert part in said, said


@pytest.mark.parametrize(
    ("values", "scopes", "said"),
    [
        (_app("^https://github[.]com/"), '{"shop": ["app"]}', ""),
        (_app("^https://github[.]com/"), "{", "it is not JSON, so no Project may use the Secret"),
        (_app("^https://github[.]com/"), '{"shop": ["a/b"]}', "without their owner"),
        (_login(APP), "{}", "it limits GitHub Apps alone, and this Secret holds none"),
        (_app("github[.]com/"), None, "is sent a proof of the App's identity too"),
    ],
)
def test_github_apps_have_their_own_pitfalls(
    values: dict[str, str], scopes: str | None, said: str
) -> None:
    """The annotation that limits them, and a pattern that leads astray."""
    found = _said("git", values, scopes=scopes)
    assert (said in "\n".join(found)) if said else found == []


def test_a_label_that_is_nearly_the_right_one_is_named() -> None:
    """As people misspell it, or leave the prefix out."""
    for key in ("cred-type", "kargo.akuity.io/credType", "kargo.io/cred_type"):
        assert f"its label {key} is not that one" in _said(None, _login(APP), {key: "git"})[0]


@given(
    st.sampled_from([None, "git", "image", "helm", "generic", "other"]),
    st.text(min_size=1, max_size=12).map(lambda text: f"s3cr3t{text}"),
)
def test_values_are_never_shown(type_: str | None, value: str) -> None:
    """A URL may hold a password."""
    for url in (f"https://u:{value}@github.com/", f"{value}(", value):
        said = _said(type_, _login(url, repoURLIsRegex="true", token=value))
        said += _said(type_, _login(url, repoURLIsRegex=value))
        assert "s3cr3t" not in "\n".join(said)


@pytest.mark.parametrize(
    ("type_", "url", "is_regex", "said"),
    [
        ("git", APP, "", ""),
        ("git", f"{APP}.git", "", ""),
        ("git", "^https://github[.]com/", "true", ""),
        ("git", "https://github.com/org/apq", "", "matches no git subscription or step"),
        ("image", "ghcr.io/org/app", "", ""),
        ("image", "ghcr.io/org", "", "matches no image subscription"),
        ("image", APP, "", "but one of another type: label it with git"),
        ("helm", "https://charts.example", "", ""),
        ("git", "", "", ""),
    ],
)
def test_a_credential_for_no_repository_there_is(
    type_: Any, url: str, is_regex: str, said: str
) -> None:
    """Also where only its type is wrong; where there is nothing of a type, nothing is said."""
    urls = {"git": [f"{APP}.git"], "image": ["GHCR.io/org/app"], "helm": []}
    values = {"repoURL": url, "repoURLIsRegex": is_regex}
    found = of_use(type_, values, urls)
    assert bool(found) == bool(said)
    assert said in "".join(found)
