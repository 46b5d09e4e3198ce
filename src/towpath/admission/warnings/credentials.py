"""Warnings about Secrets that nearly are credentials: nobody would use them, and nothing would say so.

A value is never shown: a URL may hold a password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, get_args

from towpath import messages, patterns
from towpath.credentials import lookup, token_scopes
from towpath.resources import argocd_connection, booleans, secret
from towpath.resources.annotations import GITHUB_TOKEN_SCOPES
from towpath.resources.labels import CREDENTIAL_TYPE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

_KEYS: Final = (
    secret.REPO_URL,
    secret.REPO_URL_IS_REGEX,
    secret.USERNAME,
    secret.PASSWORD,
    lookup.SSH_KEY,
    secret.KNOWN_HOSTS,
    lookup.GAR_KEY,
    "awsRegion",
    "awsAccessKeyID",
    "awsSecretAccessKey",
    lookup.APP_CLIENT_ID,
    lookup.APP_ID,
    lookup.APP_INSTALLATION,
    lookup.APP_KEY,
)
"""What a credential may have."""
_LABEL_NAME: Final = "credtype"
_URL: Final = f"data.{secret.REPO_URL}"
_SCHEME: Final = re.compile(r"^\^?([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_ANCHORED: Final = re.compile(r"(\((\?[a-zA-Z]*[:)])?)*(\^|\\A)")
"""What a pattern begins with that is tried at the beginning alone."""
_OF_GIT: Final = ("http", "https", "ssh")
_SCP: Final = re.compile(r"[^/:]+:.+")
_PATTERN_MARKS: Final = ("^", "$", ".*", ".+", "[", "(", "|")
_SENT: Final = {
    secret.PASSWORD: "the password",
    lookup.APP_KEY: "a proof of the App's identity",
}
"""What a server is sent, by the key that it is, or comes from."""
_SUBSCRIPTIONS: Final[Mapping[str, str]] = {"git": "git", "image": "image", "helm": "chart"}
"""What a Warehouse calls the subscriptions a type of credential is for."""


def of_secret(
    labels: Mapping[str, Any],
    keys: Collection[str],
    values: Mapping[str, str],
    annotations: Mapping[str, Any],
) -> list[str]:
    """Return why nobody would use a Secret as the credential it looks like.

    `keys`: of its data, those that have a value; `values`: those that are readable.
    """
    type_ = labels.get(CREDENTIAL_TYPE)
    if type_ is None:
        return _without_label(labels, keys, values)
    path = f"metadata.labels[{CREDENTIAL_TYPE}]"
    if type_ == secret.GENERIC:
        if secret.REPO_URL in keys:
            types = ", ".join(sorted(secret.CREDENTIAL_TYPES))
            said = (
                f"{path}: a generic Secret is for expressions and never the credential of a repository, though this one has "
                f"{secret.REPO_URL}; label it with {types}"
            )
            return [said]
        return []
    if type_ == secret.ARGOCD:
        return _of_argocd(keys)
    if type_ not in secret.CREDENTIAL_TYPES:
        there = [*sorted(secret.CREDENTIAL_TYPES), secret.ARGOCD, secret.GENERIC]
        return [
            f"{path}: {messages.cut(str(type_), 60)!r} is no type of credential, so nobody uses it; {messages.instead(str(type_), there)}"
        ]
    return [
        *_of_keys(keys),
        *_of_url(type_, values),
        *_of_reach(type_, keys, values),
        *_of_shape(type_, keys, values),
        *_of_scopes(keys, annotations),
    ]


def _of_argocd(keys: Collection[str]) -> list[str]:
    """Return what an ArgoCDConnection would miss in its Secret."""
    if argocd_connection.KUBECONFIG in keys:
        return []
    wanted = (argocd_connection.SERVER, argocd_connection.TOKEN)
    if not (missing := [key for key in wanted if key not in keys]):
        return []
    said = (
        f"data: {' and '.join(missing)} missing: an ArgoCDConnection by Kubernetes takes {argocd_connection.KUBECONFIG}, one by "
        f"REST {' and '.join(wanted)}"
    )
    return [said]


def of_use(
    type_: lookup.Type, values: Mapping[str, str], urls: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return that a credential belongs to none of the repositories there are.

    `urls`: the repositories of a Project by type of credential; a type that is left out, or has none, is not judged.
    """
    url = values.get(secret.REPO_URL, "")
    candidate = lookup.Candidate("", url, secret.is_pattern(values))
    if not url or not urls.get(type_) or _serves(candidate, type_, urls[type_]):
        return []
    others = [
        other
        for other in get_args(lookup.Type)
        if other != type_ and _serves(candidate, other, urls.get(other) or ())
    ]
    said = f"{_URL}: it matches no {_SUBSCRIPTIONS[type_]} subscription or step of the Project"
    if others:
        return [f"{said}, but one of another type: label it with {' or '.join(others)}"]
    return [said]


def _serves(candidate: lookup.Candidate, type_: lookup.Type, urls: Iterable[str]) -> bool:
    return any(lookup.choose((candidate,), type_, url) is not None for url in urls)


def _without_label(
    labels: Mapping[str, Any], keys: Collection[str], values: Mapping[str, str]
) -> list[str]:
    """Return what to say of a Secret that looks like a credential and is labelled as none."""
    if not any(key.lower() == secret.REPO_URL.lower() for key in keys):
        return []
    near = [
        key for key in labels if re.sub(r"[-_.]", "", key.rpartition("/")[2].lower()) == _LABEL_NAME
    ]
    instead = f" (its label {near[0]} is not that one)" if near else ""
    types = ", ".join(sorted(secret.CREDENTIAL_TYPES))
    unlabelled = (
        f"metadata.labels: the Secret looks like the credential of a repository, but without the label "
        f"{CREDENTIAL_TYPE}{instead} nobody uses it; the label's value is one of {types}"
    )
    said = [unlabelled, *_of_keys(keys)]
    if secret.is_pattern(values):
        said += _of_pattern(values.get(secret.REPO_URL, ""))
    return said


def _of_keys(keys: Collection[str]) -> Iterator[str]:
    wrong = {}
    for key in sorted(set(keys) - set(_KEYS)):
        meant = [each for each in _KEYS if each.lower() == key.lower()]
        if not meant and key.lower() in ("url", "repo", "repository", "repositoryurl"):
            meant = [secret.REPO_URL]
        if not meant and key.lower() in ("user", "login"):
            meant = [secret.USERNAME]
        if not meant:
            meant = messages.alike(key, _KEYS)[:1]
        if meant and meant[0] not in keys:
            wrong[key] = meant[0]
    for key, meant_key in wrong.items():
        yield f'data.{messages.cut(key, 60)}: no credential has this key; did you mean "{meant_key}"?'
    if secret.REPO_URL not in keys and secret.REPO_URL not in wrong.values():
        yield f"data: it has no {secret.REPO_URL}, so it belongs to no repository and nobody uses it"


def _of_url(type_: str, values: Mapping[str, str]) -> Iterator[str]:
    url, is_regex = values.get(secret.REPO_URL, ""), values.get(secret.REPO_URL_IS_REGEX, "")
    if is_regex not in ("", "true") and booleans.parse(is_regex) is not False:
        yield (
            f'data.{secret.REPO_URL_IS_REGEX}: only "true" says that {secret.REPO_URL} is a regular expression, exactly as '
            "written here; it is taken for one URL"
        )
    if not url:
        return
    found = _SCHEME.match(url.strip())
    scheme = found[1].lower() if found else ""
    if type_ == "image" and scheme:
        yield f"{_URL}: an image's repository is named without {scheme}://, so it matches nothing; leave that out"
    if scheme == "http" and type_ != "image":
        yield (
            f"{_URL}: credentials are not sent over http:// unless the operator allows that; write https:// where the "
            "server has it"
        )
    if is_regex == "true":
        yield from _of_pattern(url)
        return
    if any(mark in url for mark in _PATTERN_MARKS):
        yield (
            f"{_URL}: it looks like a regular expression, and is taken for one URL; set {secret.REPO_URL_IS_REGEX} to "
            '"true"'
        )
    elif type_ == "git" and not scheme and not _SCP.match(url.strip()):
        yield (
            f"{_URL}: the address of a Git repository begins with https:// or ssh://, or is USER@HOST:PATH; this one "
            "matches nothing"
        )
    elif type_ == "git" and scheme and scheme not in _OF_GIT:
        yield f"{_URL}: no Git repository is reached by {scheme}://, so it matches nothing"
    elif _is_host(type_, scheme, url):
        yield (
            f"{_URL}: it names a host and no repository, so it matches nothing; for all repositories of the host write "
            f"a regular expression such as ^{'https://' if type_ == 'git' else ''}HOST/ and set "
            f'{secret.REPO_URL_IS_REGEX} to "true"'
        )


def _of_reach(type_: str, keys: Collection[str], values: Mapping[str, str]) -> Iterator[str]:
    """Return that a credential may go to servers that nobody thought of. Keys of clouds go to their hosts alone."""
    is_regex = values.get(secret.REPO_URL_IS_REGEX) == "true"
    sent = [word for key, word in _SENT.items() if key in keys]
    if not is_regex or not sent:
        return
    if not _ANCHORED.match(values.get(secret.REPO_URL, "").strip()):
        host = "HOST" if type_ == "image" else "https://HOST"
        yield (
            f"{_URL}: the pattern is looked for anywhere in an address, so a server whose address has it in its path is "
            f"sent {sent[0]} too; begin it with ^{host}/"
        )


def _of_scopes(keys: Collection[str], annotations: Mapping[str, Any]) -> Iterator[str]:
    """Return what is wrong with the annotation that limits a GitHub App."""
    path = f"metadata.annotations[{GITHUB_TOKEN_SCOPES}]"
    if problem := token_scopes.problem(annotations):
        yield f"{path}: {problem}"
    elif GITHUB_TOKEN_SCOPES in annotations and lookup.APP_KEY not in keys:
        yield f"{path}: it limits GitHub Apps alone, and this Secret holds none"


def _of_pattern(text: str) -> Iterator[str]:
    try:
        patterns.compile(text)
    except patterns.PatternError:  # its text shows the value
        yield (
            f"{_URL}: with {secret.REPO_URL_IS_REGEX} it must be a regular expression (RE2), and is none, so it matches "
            "nothing"
        )


def _is_host(type_: str, scheme: str, url: str) -> bool:
    """Whether an address names a host alone. A chart repository over HTTP may be one."""
    rest = url.strip().partition("://")[2] if scheme else url.strip()
    host, _, path = rest.partition("/")
    if path.strip("/"):
        return False
    match type_:
        case "git":
            return bool(scheme) or not host.partition(":")[2]
        case "helm" if scheme in ("http", "https"):
            return False
    return "." in host or ":" in host or host == "localhost"


def _of_shape(type_: Any, keys: Collection[str], values: Mapping[str, str]) -> Iterator[str]:
    url = values.get(secret.REPO_URL, "")
    is_regex = secret.is_pattern(values)
    if lookup.shape(type_, url, keys) is not None:
        return
    if is_regex or not url:  # the host decides what else may be a credential, and is not known
        known = set(keys) & set(_KEYS) - {
            secret.REPO_URL,
            secret.REPO_URL_IS_REGEX,
            secret.KNOWN_HOSTS,
        }
        if known - {secret.USERNAME, secret.PASSWORD}:
            return
    lacking = [key for key in (secret.USERNAME, secret.PASSWORD) if key not in keys]
    if len(lacking) == 1:
        yield f"data: it has no {lacking[0]}, or an empty one, so it is no credential and nobody is logged in by it"
    else:
        yield (
            f"data: its keys make no credential for this repository: {secret.USERNAME} and {secret.PASSWORD} do"
            + (f", or {lookup.SSH_KEY}, or the keys of a GitHub App" if type_ == "git" else "")
        )
