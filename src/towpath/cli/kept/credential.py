"""What `towpath create credentials` makes: the Secret of a repository, from a key file or a password."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from towpath.cli.kept import creds
from towpath.disk import reading
from towpath.errors import BadRequest
from towpath.resources.annotations import DESCRIPTION
from towpath.resources.labels import CREDENTIAL_TYPE

if TYPE_CHECKING:
    from pathlib import Path

_WEB: Final = ("https://", "http://")
_LARGEST: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequest:
    """What the Secret is to be, apart from its secret values."""

    name: str
    namespace: str
    type_: str
    repo_url: str
    is_regex: bool
    description: str


def type_of(repo_url: str, *, is_regex: bool) -> str:
    """Return what a credential is for by the address alone. Raises BadRequest for a pattern, which says nothing of it."""
    if is_regex:
        raise BadRequest("create credentials: --regex needs --type git, image or helm")
    return creds.type_of(repo_url)


def check(wanted: CredentialRequest, *, is_ssh: bool) -> None:
    """Return if the address can be one of that type. Raises BadRequest, with what to write, for what would never serve."""
    url = wanted.repo_url
    if wanted.is_regex:
        return
    said = f"--repo-url {url}"
    if url.lower().startswith("http://"):
        raise BadRequest(f"{said}: credentials are not sent over plain HTTP; name it with https://")
    if wanted.type_ == "image" and url.lower().startswith((*_WEB, "oci://")):
        bare = url.partition("://")[2]
        raise BadRequest(f"{said}: manifests name images without a scheme; write {bare}")
    is_ssh_address = url.startswith(("ssh://", "git@")) or (
        "://" not in url and "@" in url.partition("/")[0]
    )
    if is_ssh and (wanted.type_ != "git" or not is_ssh_address):
        raise BadRequest(
            f"{said}: an SSH key is for git over SSH, such as git@HOST:PATH or ssh://git@HOST/PATH; for this address "
            "give --username and a password"
        )
    if is_ssh_address and not is_ssh:
        raise BadRequest(
            f"{said}: git over SSH takes a key; give --ssh-private-key-file and --known-hosts-file"
        )


def of_ssh(key_file: Path, known_hosts_file: Path | None) -> dict[str, str]:
    """Return the values of a key for git over SSH. Raises BadRequest for files that hold none."""
    key = _text("--ssh-private-key-file", key_file)
    if "PRIVATE KEY" not in key:
        hint = "that is the public half; name the file without .pub" if "ssh-" in key[:20] else ""
        raise BadRequest(
            f"--ssh-private-key-file {key_file}: it holds no private key"
            + (f": {hint}" if hint else "")
        )
    if known_hosts_file is None:
        click.echo(
            "towpath: warning: without --known-hosts-file the server's key is not known, and the server is refused; "
            "ssh-keyscan HOST prints its lines",
            err=True,
        )
        return {"sshPrivateKey": key}
    return {
        "sshPrivateKey": key,
        "knownHosts": _text("--known-hosts-file", known_hosts_file),
    }


def of_password(username: str | None, *, from_stdin: bool) -> dict[str, str]:
    """Return user name and password, each asked for if need be. Raises BadRequest where nobody can be asked."""
    can_ask = sys.stdin.isatty()
    if username is None:
        if from_stdin or not can_ask:
            raise BadRequest(
                "create credentials: give --username (for a token: the user it belongs to, or any word)"
            )
        username = click.prompt("User name", err=True)
    if from_stdin:
        password = _password_of(sys.stdin.buffer.read(_LARGEST + 1))
    elif can_ask:
        password = click.prompt("Password or token", hide_input=True, err=True)
    else:
        raise BadRequest(
            "create credentials: there is no terminal to ask for the password; give --password-stdin and pipe it in"
        )
    if not password:
        raise BadRequest("create credentials: the password is empty")
    return {"username": str(username), "password": str(password)}


def document(wanted: CredentialRequest, values: dict[str, str]) -> dict[str, Any]:
    """Return the Secret."""
    metadata: dict[str, Any] = {
        "name": wanted.name,
        "namespace": wanted.namespace,
        "labels": {CREDENTIAL_TYPE: wanted.type_},
    }
    if wanted.description:
        metadata["annotations"] = {DESCRIPTION: wanted.description}
    pattern = {"repoURLIsRegex": "true"} if wanted.is_regex else {}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "stringData": {"repoURL": wanted.repo_url, **pattern, **values},
    }


def _password_of(read: bytes) -> str:
    """Return what was piped in, without the line end that `echo` adds. Raises BadRequest for what is no password."""
    if len(read) > _LARGEST:
        raise BadRequest(f"--password-stdin: it has more than {_LARGEST:,} bytes")
    try:
        return read.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadRequest("--password-stdin: it is not text in UTF-8") from None


def _text(option: str, file: Path) -> str:
    try:
        text = reading.read(file, _LARGEST).decode()
    except OSError as error:
        raise BadRequest(f"{option} {file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise BadRequest(f"{option} {file}: it is not text") from None
    if not text.strip():
        raise BadRequest(f"{option} {file}: it is empty")
    return text
