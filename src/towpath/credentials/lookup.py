"""Chooses, among Secrets, the one that belongs to a repository, and tells what kind of credential it holds.

Pure: what is judged are the non-secret facts of Secrets. Within a namespace an exact `repoURL` goes before a
regular expression, then the name decides. `docs/explanation/credentials.md` describes it for users.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from towpath import patterns
from towpath.resources.labels import CREDENTIAL_TYPE
from towpath.resources.secret import KNOWN_HOSTS, PASSWORD, REPO_URL, REPO_URL_IS_REGEX, USERNAME
from towpath.versions import urls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Type = Literal["git", "helm", "image"]

LABEL: Final = CREDENTIAL_TYPE
SSH_KEY: Final = "sshPrivateKey"
GAR_KEY: Final = "gcpServiceAccountKey"
APP_CLIENT_ID: Final = "githubAppClientID"
APP_ID: Final = "githubAppID"
APP_INSTALLATION: Final = "githubAppInstallationID"
APP_KEY: Final = "githubAppPrivateKey"
__all__ = [
    "APP_CLIENT_ID",
    "APP_ID",
    "APP_INSTALLATION",
    "APP_KEY",
    "GAR_KEY",
    "KNOWN_HOSTS",
    "LABEL",
    "PASSWORD",
    "REPO_URL",
    "REPO_URL_IS_REGEX",
    "SSH_KEY",
    "USERNAME",
    "Candidate",
    "Shape",
    "choose",
    "fits",
    "may_be_sent",
    "normalized",
    "shape",
]

_ECR: Final = frozenset({"awsRegion", "awsAccessKeyID", "awsSecretAccessKey"})
_APP_IDS: Final = frozenset({APP_CLIENT_ID, APP_ID})
_APP: Final = frozenset({APP_INSTALLATION, APP_KEY})

_ECR_HOST: Final = patterns.compile(
    r"^[0-9]{12}\.dkr\.ecr(-fips)?\.[^/]+\.amazonaws\.com(\.cn)?(/|$)"
)
_GAR_HOST: Final = patterns.compile(r"^([^/]+-docker\.pkg\.dev|([^/]+\.)?gcr\.io)(/|$)")


class Shape(Enum):
    """What a Secret's keys make of it. The value is how people call it."""

    BASIC = "user name and password"
    ECR_KEY = "an AWS access key for ECR"
    GAR_KEY = "a Google service-account key"
    GITHUB_APP = "a GitHub App"
    SSH = "an SSH key"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be known of a Secret without opening it."""

    name: str
    repo_url: str
    """As written; empty if the Secret names none."""
    is_regex: bool = False


def may_be_sent(url: str, *, allow_http: bool) -> bool:
    """Whether a credential may go to `url` at all: not over plain HTTP, unless the operator allows that."""
    return allow_http or not url.lower().startswith("http://")


def choose(candidates: Iterable[Candidate], type_: Type, url: str) -> Candidate | None:
    """Return the Secret of one namespace that belongs to `url`, or None.

    A regular expression is unanchored and tried on the URL as written and in its normal form; one that is not valid
    matches nothing.
    """
    wanted = normalized(type_, url)
    in_order = sorted(
        (candidate for candidate in candidates if candidate.repo_url),
        key=lambda candidate: candidate.name,
    )
    for is_regex in (False, True):
        for candidate in in_order:
            if candidate.is_regex == is_regex and fits(candidate, type_, url, wanted):
                return candidate
    return None


def fits(candidate: Candidate, type_: Type, url: str, wanted: str) -> bool:
    """Whether a Secret names a repository. `wanted`: the normal form of `url`."""
    if candidate.is_regex:
        return _matches(candidate.repo_url, (url, wanted))
    return normalized(type_, candidate.repo_url) == wanted


def shape(type_: Type, url: str, keys: Collection[str]) -> Shape | None:
    """Return what a Secret whose non-empty values have these keys is to a repository, or None if nothing."""
    present = frozenset(keys)
    host = url.strip().removeprefix("oci://")
    is_registry = type_ in ("image", "helm")
    if {USERNAME, PASSWORD} <= present:
        return Shape.BASIC
    if is_registry and present >= _ECR and _ECR_HOST.search(host):
        return Shape.ECR_KEY
    if is_registry and GAR_KEY in present and _GAR_HOST.search(host):
        return Shape.GAR_KEY
    is_web = url.lower().startswith(("http://", "https://"))
    if type_ == "git" and is_web and present >= _APP and present & _APP_IDS:
        return Shape.GITHUB_APP
    return Shape.SSH if SSH_KEY in present else None


def normalized(type_: Type, url: str) -> str:
    """Return the form in which addresses of that type are compared."""
    match type_:
        case "git":
            return urls.normalize_git(url)
        case "helm":
            return urls.normalize_chart(url)
        case "image":
            return urls.normalize_image(url)


def _matches(pattern: str, subjects: Iterable[str]) -> bool:
    try:
        compiled = patterns.compile(pattern)
    except patterns.PatternError:
        return False
    return any(compiled.search(subject) for subject in subjects)
