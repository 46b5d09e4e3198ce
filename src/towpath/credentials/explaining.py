"""Says which Secret serves a repository, and why each other one does not. Pure; no value is told, addresses neither."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from towpath import errors, patterns
from towpath.clients.forges.github import places
from towpath.credentials import lookup, token_scopes
from towpath.credentials.lookup import Shape
from towpath.messages import plain
from towpath.resources.annotations import GITHUB_TOKEN_SCOPES
from towpath.resources.secret import CREDENTIAL_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from towpath.credentials.lookup import Candidate, Type
    from towpath.credentials.token_scopes import Scopes

_SCHEMES: Final = ("https://", "http://", "oci://")
_WANTED: Final = {
    "git": "username and password, sshPrivateKey, or the keys of a GitHub App",
    "helm": "username and password, or on ECR and Google's registries the keys of that cloud",
    "image": "username and password, or on ECR and Google's registries the keys of that cloud",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """What is known of a Secret, without its values."""

    namespace: str
    name: str
    label: str
    """What its label says it is for, empty if it has none."""
    candidate: Candidate | None
    """What it names; None where it was not opened, because no label says that it is a credential."""
    keys: Collection[str]
    """Keys of its values; those that are empty do not count where it was opened."""
    app: str = ""
    """The GitHub App that it holds, by its client id or number."""
    scopes: Scopes | None = None
    """What its annotation lets Projects open with that App; None: everything."""


@dataclass(frozen=True, slots=True)
class JudgedIdentity:
    """Whether the server's own identity at a cloud serves a repository, and why, or why not."""

    cloud: str
    serves: bool
    reason: str


@dataclass(frozen=True, slots=True)
class JudgedSecret:
    """Whether a Secret serves a repository, and why, or why not."""

    secret: SecretFacts
    serves: bool
    reason: str
    matches: bool = False
    """Whether it is the one that names the repository, of use or not."""


def judge(
    secrets: Sequence[SecretFacts], type_: Type, url: str, *, project: str, is_sent: bool
) -> list[JudgedSecret]:
    """Return what becomes of each Secret: the Project's before the shared ones, the one that serves first.

    What is no credential by its looks is left out. `is_sent`: whether a credential may be sent to `url` at all.
    """
    chosen: SecretFacts | None = None
    for is_own in (True, False):
        here = [
            each
            for each in secrets
            if (each.namespace == project) == is_own and each.label == type_ and each.candidate
        ]
        found = lookup.choose([each.candidate for each in here if each.candidate], type_, url)
        if found is not None:
            chosen = next(each for each in here if each.candidate is found)
            break
    wanted = lookup.normalized(type_, url)
    told = []
    for each in sorted(secrets, key=lambda each: (each.namespace != project, each.name)):
        if each is chosen:
            judged = _chosen(each, type_, url, project, is_sent=is_sent)
            told.append(replace(judged, matches=True))
        elif reason := _why_not(each, type_, url, wanted, chosen):
            told.append(JudgedSecret(each, serves=False, reason=reason))
    told.sort(key=lambda each: each.secret is not chosen)
    return [replace(each, reason=plain(each.reason)) for each in told]


def judge_identity(
    judged: Sequence[JudgedSecret], clouds: Collection[str], type_: Type, url: str
) -> JudgedIdentity | None:
    """Return what becomes of the server's own identity; None where the repository is in no registry of a cloud.

    `judged`: what became of the Secrets; `clouds`: where the server has an identity that may be used.
    """
    place = lookup.cloud_registry(type_, url)
    if place is None:
        return None
    if place.cloud not in clouds:
        said = f"this server has no identity at {place.cloud}, or its operator's credentials.ambient does not name it"
        return JudgedIdentity(place.cloud, serves=False, reason=said)
    if any(each.matches for each in judged):
        said = "a Secret matches, and Secrets go before it"
        return JudgedIdentity(place.cloud, serves=False, reason=said)
    said = f"no Secret matches {place.host}: the server's own identity gets a token for it"
    return JudgedIdentity(place.cloud, serves=True, reason=said)


def _chosen(
    secret: SecretFacts, type_: Type, url: str, project: str, *, is_sent: bool
) -> JudgedSecret:
    if not is_sent:
        said = "it names this repository, and is not sent: credentials do not go over plain HTTP; use https://"
        return JudgedSecret(secret, serves=False, reason=said)
    found = lookup.shape(type_, url, secret.keys)
    if found is None:
        said = (
            f"it names this repository, so no other Secret is tried, and holds nothing that is of use for it: {type_} takes "
            f"{_WANTED[type_]}; access is anonymous"
        )
        return JudgedSecret(secret, serves=False, reason=said)
    if found is Shape.GITHUB_APP:
        return _of_app(secret, url, project)
    return JudgedSecret(secret, serves=True, reason=_serves(secret, found))


def _of_app(secret: SecretFacts, url: str, project: str) -> JudgedSecret:
    """Return whether a GitHub App opens a repository for a Project."""
    try:
        repository = places.of(url)
    except errors.BadRequest as error:
        return JudgedSecret(
            secret, serves=False, reason=f"it holds a GitHub App, and {error.message}"
        )
    if not token_scopes.allows(secret.scopes, project, repository.name):
        said = (
            f"it holds the GitHub App {secret.app}, and its annotation {GITHUB_TOKEN_SCOPES} does not let Project {project} "
            f"open {repository.name}; access is anonymous"
        )
        return JudgedSecret(secret, serves=False, reason=said)
    said = f"{_serves(secret, Shape.GITHUB_APP)}, {secret.app}: {repository.api} gives a token for {repository.name}"
    return JudgedSecret(secret, serves=True, reason=said)


def _serves(secret: SecretFacts, found: Shape) -> str:
    how = (
        "its pattern matches" if secret.candidate and secret.candidate.is_regex else "same address"
    )
    return f"{how}; it holds {found.value}"


def _why_not(
    secret: SecretFacts, type_: Type, url: str, wanted: str, chosen: SecretFacts | None
) -> str:
    """Return why a Secret does not serve, empty if it does not look like a credential."""
    candidate = secret.candidate
    if not secret.label:
        if lookup.REPO_URL not in secret.keys:
            return ""
        return f"it has no label {lookup.LABEL}: add {lookup.LABEL}: {type_}"
    if secret.label not in CREDENTIAL_TYPES:
        return (
            ""
            if lookup.REPO_URL not in secret.keys
            else f"its label says {secret.label}, not {type_}"
        )
    if candidate is None or not candidate.repo_url:
        return "its repoURL is missing or empty"
    if secret.label != type_:
        return f"it is for {secret.label} (label {lookup.LABEL}), and {type_} is asked for"
    if not lookup.fits(candidate, type_, url, wanted):
        return _no_fit(candidate, type_, wanted)
    if chosen is None:
        return ""
    if chosen.namespace != secret.namespace:
        return f"Secret {chosen.name} of the Project goes before shared ones"
    if candidate.is_regex and chosen.candidate and not chosen.candidate.is_regex:
        return f"its pattern matches, but Secret {chosen.name} names the very address"
    return f"it names the repository as well, but Secret {chosen.name} comes before it by name"


def _no_fit(candidate: Candidate, type_: Type, wanted: str) -> str:
    if candidate.is_regex:
        try:
            patterns.compile(candidate.repo_url)
        except patterns.PatternError:
            return "its repoURL is no regular expression that can be read (RE2)"
        return "its pattern matches neither the address nor its normal form"
    named = lookup.normalized(type_, candidate.repo_url)
    bare, asked = _bare(named), _bare(wanted)
    if bare == asked:
        return "its repoURL differs only in the scheme before the address: write it as the manifest does"
    if asked.startswith(f"{bare.rstrip('/')}/"):
        return 'its repoURL is only the beginning of the address: name all of it, or say repoURLIsRegex: "true"'
    return "its repoURL is another address"


def _bare(address: str) -> str:
    for scheme in _SCHEMES:
        address = address.removeprefix(scheme)
    return address.removesuffix(".git")
