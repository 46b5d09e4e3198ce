"""The certificates of `--listen-tls`: an authority of the data directory's own, and the server's certificate by it.

The authority lasts ten years and is what clients are given (`towpath kubeconfig`); the server's certificate lasts one
and is made anew, for the same key, when its end is near or its names are others. Keys are 0600.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from towpath.disk import private_file, reading, writing
from towpath.errors import BadRequest, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FOLDER: Final = "tls"
AUTHORITY: Final = "ca.crt"
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
"""Names that every certificate has."""
_AUTHORITY_DAYS: Final = 3650
_SERVER_DAYS: Final = 365
_RENEWED_DAYS: Final = 30
_MOST_BYTES: Final = 1 << 20
_SKEW: Final = timedelta(minutes=5)
_LONGEST: Final = 253
_LABEL: Final = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - addresses that are no names


@dataclass(frozen=True, slots=True)
class Files:
    """Where a server's certificate and key are."""

    certificate: Path
    key: Path
    authority: Path | None = None
    """The certificate that clients trust; None where an operator brings the server's certificate along."""


def prepare(data: Path, names: Sequence[str], *, now: datetime) -> Files:
    """Return the certificate of a data directory for some names, made or renewed where that is due.

    Raises BadRequest for a name that no certificate can have, Unavailable when a key can be read by others, or a file
    cannot be read or written.
    """
    wanted = _wanted(names)
    folder = data / FOLDER
    files = Files(folder / "server.crt", folder / "server.key", folder / AUTHORITY)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        key = _load_key(folder / "ca.key", "the key of the certificate authority")
        authority = _authority(folder / AUTHORITY, key, now=now)
        if not _is_current(files, authority, wanted, now=now):
            _renew(files, authority, key, wanted, now=now)
    except OSError as error:
        raise Unavailable(f"{folder}: the certificates cannot be written: {error}") from error
    return files


def _wanted(names: Sequence[str]) -> list[str]:
    """Return the names that a certificate is to have, in the form certificates use, each once. Raises BadRequest."""
    given = [_normal(name) for name in (*names, *ALWAYS)]
    return list(dict.fromkeys(name for name in given if name not in _ANY))


def _normal(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    if len(name) > _LONGEST or not _HOST.fullmatch(name):
        raise BadRequest(
            f"{name!r} is no name for a certificate: give an address, or a host name such as towpath.example.com "
            "(--tls-name)"
        )
    return name.lower()


def _load_key(path: Path, what: str) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from towpath.server.auth.account_tokens import new_key

    pem = private_file.load_or_create(path, what, new_key)
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise Unavailable(
            f"{path}: it holds no private key; restore it, or remove the folder"
        ) from error
    if not isinstance(key, EllipticCurvePrivateKey):
        raise Unavailable(
            f"{path}: it holds no elliptic-curve key; restore it, or remove the folder"
        )
    return key


def _authority(path: Path, key: EllipticCurvePrivateKey, *, now: datetime) -> x509.Certificate:
    """Return the authority's certificate, made if there is none or the key is another or its end has come."""
    found = _certificate(path)
    if (
        found is not None
        and found.public_key() == key.public_key()
        and found.not_valid_after_utc > now + timedelta(days=_RENEWED_DAYS)
    ):
        return found
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    name = _named("towpath-ca")
    usage = _usage(signs_certificates=True)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    writing.write(path, made.public_bytes(Encoding.PEM), mode=0o644)
    return made


def _is_current(
    files: Files, authority: x509.Certificate, names: list[str], *, now: datetime
) -> bool:
    """Whether the server's certificate still serves: by this authority, for these names, for some time to come."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    found = _certificate(files.certificate)
    if found is None or not files.key.exists():
        return False
    try:
        found.verify_directly_issued_by(authority)
        told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    if {str(name.value) for name in told} != set(names):
        return False
    key = _load_key(files.key, "the server's key")
    if key.public_key() != found.public_key():
        return False
    left = found.not_valid_after_utc - now
    return found.not_valid_before_utc <= now and left > timedelta(days=_RENEWED_DAYS)


def _renew(
    files: Files,
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    names: list[str],
    *,
    now: datetime,
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = _load_key(files.key, "the server's key")
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        x509.CertificateBuilder()
        .subject_name(_named("towpath"))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(min(now + timedelta(days=_SERVER_DAYS), authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    writing.write(files.certificate, made.public_bytes(Encoding.PEM), mode=0o644)


def _certificate(path: Path) -> x509.Certificate | None:
    """Return the certificate of a file; None if there is none that can be read."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(reading.regular(path, _MOST_BYTES))
    except (FileNotFoundError, ValueError):
        return None


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
