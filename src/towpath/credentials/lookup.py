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
AWS_REGION: Final = "awsRegion"
AWS_KEY_ID: Final = "awsAccessKeyID"
AWS_SECRET_KEY: Final = "awsSecretAccessKey"  # noqa: S105 - the name of one
__all__ = [
    "APP_CLIENT_ID",
    "APP_ID",
    "APP_INSTALLATION",
    "APP_KEY",
    "AWS_KEY_ID",
    "AWS_REGION",
    "AWS_SECRET_KEY",
    "GAR_KEY",
    "KNOWN_HOSTS",
    "LABEL",
    "PASSWORD",
    "REPO_URL",
    "REPO_URL_IS_REGEX",
    "SSH_KEY",
    "USERNAME",
    "Candidate",
    "CloudRegistry",
    "Shape",
    "choose",
    "cloud_registry",
    "fits",
    "is_region",
    "may_be_sent",
    "normalized",
    "shape",
]

_ECR: Final = frozenset({AWS_REGION, AWS_KEY_ID, AWS_SECRET_KEY})
_APP_IDS: Final = frozenset({APP_CLIENT_ID, APP_ID})
_APP: Final = frozenset({APP_INSTALLATION, APP_KEY})

_ECR_HOST: Final = patterns.compile(
    r"^[0-9]{12}\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?(/|$)"
)
_GAR_HOST: Final = patterns.compile(r"^([a-z0-9-]+-docker\.pkg\.dev|([a-z0-9-]+\.)?gcr\.io)(/|$)")
_ACR_HOST: Final = patterns.compile(r"^[a-z0-9-]+\.azurecr\.(io|us|cn)(/|$)")
_REGION: Final = patterns.compile(r"^[a-z]{2}[a-z0-9-]{1,38}$")


class Shape(Enum):
    """What a Secret's keys make of it. The value is how people call it."""

    BASIC = "user name and password"
    ECR_KEY = "an AWS access key for ECR"
    GAR_KEY = "a Google service-account key"
    GITHUB_APP = "a GitHub App"
    SSH = "an SSH key"


@dataclass(frozen=True, slots=True)
class CloudRegistry:
    """A registry of a cloud."""

    cloud: str
    """`aws`, `azure` or `gcp`."""
    host: str
    region: str = ""
    """Of AWS, where the registry is."""


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
    host = _registry(url)
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


def cloud_registry(type_: Type, url: str) -> CloudRegistry | None:
    """Return the cloud's registry that an image or a chart is in, by the host's name; None if it is in none."""
    if type_ not in ("image", "helm"):
        return None
    address = _registry(url)
    host = address.partition("/")[0]
    if _ECR_HOST.search(address):
        return CloudRegistry("aws", host, host.split(".")[3])
    if _ACR_HOST.search(address):
        return CloudRegistry("azure", host)
    return CloudRegistry("gcp", host) if _GAR_HOST.search(address) else None


def is_region(text: str) -> bool:
    """Whether a text may be the name of a region of AWS: it becomes part of a host's name."""
    return bool(_REGION.search(text))


def _registry(url: str) -> str:
    """Return an address in a registry as it begins with its host, in small letters."""
    return url.strip().lower().removeprefix("oci://")


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
