"""TLS proves who dials and who answers, and nothing else.

Every parent has a link authority (P-256) and issues one long-lived certificate to each child at its enrolment; the child
pins that authority. Peers are recognised by the node id in the certificate, never by host name: a parent reads it from the
URI `tongban:node:<hex>`, a child demands it as the server name (a sibling holds a certificate of the same authority and
must not pass for the parent). Certificates are valid from 1950 to the end of 9999, which is X.509's way of saying always: an
expired or not-yet-valid one would lock out a village whose clock battery is dead, and such a clock often begins at the very
first second of 1970. Whether a peer may still do anything is asked of the journal.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
import ssl
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from federation.transport.options import server_name

URI_PREFIX = "tongban:node:"
_FROM = dt.datetime(1950, 1, 1, tzinfo=dt.UTC)  # the earliest that X.509 can say
_UNTIL = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)  # RFC 5280, 4.1.2.5: no expiry


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM bytes: our key, our certificate, and the authority that the other side's certificate is checked against."""

    key: bytes
    certificate: bytes
    authority: bytes

    def for_client(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(self.authority, self.key, self.certificate)

    def for_server(self) -> grpc.ServerCredentials:
        return grpc.ssl_server_credentials([(self.key, self.certificate)], self.authority, require_client_auth=True)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _builder(subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    return builder.serial_number(secrets.randbits(128)).not_valid_before(_FROM).not_valid_after(_UNTIL)


def make_link_ca(node_id: bytes) -> tuple[bytes, bytes]:
    """(private key PEM, certificate PEM) of a node's link authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"tongban link authority {node_id.hex()[:16]}")
    builder = _builder(name, name, key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _pem_key(key), builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def issue_leaf(ca_key: bytes, ca_certificate: bytes, public_pem: bytes, node_id: bytes) -> bytes:
    """Certificate PEM for a node's P-256 link key. Raises ValueError when the key is of another kind."""
    authority = x509.load_pem_x509_certificate(ca_certificate)
    signer = serialization.load_pem_private_key(ca_key, None)
    public = serialization.load_pem_public_key(public_pem)
    if not isinstance(signer, ec.EllipticCurvePrivateKey) or not isinstance(public, ec.EllipticCurvePublicKey):
        raise ValueError("link keys are P-256")
    uri = x509.UniformResourceIdentifier(URI_PREFIX + node_id.hex())
    names = x509.SubjectAlternativeName([x509.DNSName(server_name(node_id)), uri])
    builder = _builder(_name(f"tongban node {node_id.hex()[:16]}"), authority.subject, public)
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def node_id_of(auth_context: Mapping[str, Sequence[bytes]]) -> bytes:
    """The node id that the peer's certificate carries; b"" when there is none."""
    for name in auth_context.get("x509_subject_alternative_name", ()):
        text = bytes(name).decode("ascii", "ignore")
        if text.startswith(URI_PREFIX):
            try:
                return bytes.fromhex(text[len(URI_PREFIX) :])
            except ValueError:
                return b""
    return b""


def make_web_certificate(names: Sequence[str]) -> tuple[bytes, bytes]:
    """(key PEM, self-signed certificate PEM) for HTTPS under these names and addresses, the chief one first."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(names[0][:64])  # what X.509 allows
    builder = _builder(name, name, key.public_key())
    alternatives = [found for one in names if (found := _alternative(one)) is not None]
    builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return _pem_key(key), builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def is_named(certificate: bytes, name: str) -> bool:
    """Whether the certificate PEM is for that name or address; true of a name that no certificate can carry."""
    wanted, loaded = _alternative(name), x509.load_pem_x509_certificate(certificate)
    return wanted is None or wanted in loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def _alternative(name: str) -> x509.GeneralName | None:
    """A name or address as certificates have it; None when it cannot be had."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        with suppress(UnicodeError):
            return x509.DNSName(name.encode("idna").decode("ascii"))
    return None


def server_context(certificate: bytes, key: bytes) -> ssl.SSLContext:
    """An HTTPS context from PEM bytes (the standard library reads only files)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory(prefix="tongban-") as folder:
        both = Path(folder) / "web.pem"
        both.touch(mode=0o600)
        both.write_bytes(certificate + b"\n" + key)
        context.load_cert_chain(both)
    return context
