"""HTTPS: TLS 1.2 and 1.3 with authenticated encryption only, and one sentence where certificate or key are no good.

BentoML passes on no ciphers, and uvicorn's own choice leaves two for TLS 1.2, the worst there are: CBC with SHA-1.
"""

import ssl
from pathlib import Path
from typing import NamedTuple

from forest_serving.errors import OperatorError

# For TLS 1.2; all of 1.3 are of this kind. Certificates may be RSA or ECDSA; keys of one connection open no other.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
_NO_CHOICE = (None, "TLSv1")  # what BentoML and uvicorn say where the operator says nothing
# The newest version that is spoken with each number; 1.2 is the oldest. 1.0 and 1.1 (3, 4) are broken.
_NEWEST: dict[int, ssl.TLSVersion] = {
    ssl.PROTOCOL_TLS_SERVER: ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ssl.PROTOCOL_TLS: ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ssl.PROTOCOL_TLSv1_2: ssl.TLSVersion.TLSv1_2,
}
_NOT_OF_ONE_PAIR = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}


class BadCertificate(OperatorError):
    """HTTPS cannot start as it was asked for."""


class Context(ssl.SSLContext):
    """What is made here; guards.py tells it from uvicorn's."""


class Options(NamedTuple):
    """What BentoML's options --ssl-… say; files are paths.

    Args:
        certfile: the server's certificate, and those between it and an authority.
        keyfile: its key; None if certfile holds it, too.
        password: the key's, if it is encrypted.
        ssl_version: a number of the module ssl: 17 for TLS 1.2 and 1.3, 5 for 1.2 only.
        cert_reqs: whether clients must show a certificate: 0 no, 1 they may, 2 they must.
        ca_certs: the authorities that sign clients' certificates.
        ciphers: for TLS 1.2 and below, in OpenSSL's words; without a choice, CIPHERS.
    """

    certfile: str
    keyfile: str | None = None
    password: str | None = None
    ssl_version: int = ssl.PROTOCOL_TLS_SERVER
    cert_reqs: int = ssl.CERT_NONE
    ca_certs: str | None = None
    ciphers: str | None = None


def make_context(options: Options) -> Context:
    """Return what a server's connections are made with.

    Raises:
        BadCertificate: one sentence, if that is impossible.
    """
    newest = _NEWEST.get(options.ssl_version)
    if newest is None:
        raise BadCertificate(f"--ssl-version {options.ssl_version} is no safe one; leave it out, for TLS 1.2 and 1.3.")
    context = Context(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_2, newest
    context.options |= ssl.OP_NO_RENEGOTIATION  # OpenSSL 3 lets no client ask for it anyway
    _load_certificate(context, options)
    _ask_for_certificates(context, options)
    try:
        context.set_ciphers(CIPHERS if options.ciphers in _NO_CHOICE else options.ciphers)
    except ssl.SSLError:
        raise BadCertificate(f'--ssl-ciphers "{options.ciphers}" names no cipher; leave it out.') from None
    return context


def _load_certificate(context: Context, options: Options) -> None:
    was_asked = False

    def password() -> str:
        nonlocal was_asked
        was_asked = True
        return options.password or ""  # without this function, OpenSSL would ask the terminal

    _look_into("--ssl-certfile", options.certfile)
    if options.keyfile:
        _look_into("--ssl-keyfile", options.keyfile)
    try:
        context.load_cert_chain(options.certfile, options.keyfile, password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise BadCertificate(_fault(getattr(error, "reason", None) or "", was_asked, options)) from None


def _fault(reason: str, was_asked: bool, options: Options) -> str:
    """Return what is wrong with a certificate and its key.

    Args:
        reason: OpenSSL's.
        was_asked: whether it asked for the key's password.
        options: where certificate and key are.
    """
    key = options.keyfile or options.certfile
    if reason in _NOT_OF_ONE_PAIR:
        return f'The key "{key}" belongs to another certificate than "{options.certfile}"; name the two of one pair.'
    if was_asked and not options.password:
        return f'The key "{key}" is encrypted; add --ssl-keyfile-password.'
    if was_asked:
        return f'--ssl-keyfile-password does not open the key "{key}".'
    said = reason.lower().replace("_", " ") or "they are not"
    return (
        f'"{options.certfile}" and "{key}" must be a certificate and its key, in PEM and of today\'s strength: {said}.'
    )


def _ask_for_certificates(context: Context, options: Options) -> None:
    """Let in only clients with a certificate of these authorities, if that is asked for."""
    if options.cert_reqs not in tuple(ssl.VerifyMode) or bool(options.cert_reqs) != bool(options.ca_certs):
        raise BadCertificate(
            "To let in only clients with a certificate, give both --ssl-cert-reqs 2 and --ssl-ca-certs, the file of"
            " those who sign them; otherwise, give neither."
        )
    context.verify_mode = ssl.VerifyMode(options.cert_reqs)
    if options.ca_certs:
        _look_into("--ssl-ca-certs", options.ca_certs)
        try:
            context.load_verify_locations(options.ca_certs)
        except ssl.SSLError:
            raise BadCertificate(f'--ssl-ca-certs "{options.ca_certs}" must hold certificates in PEM.') from None


def _look_into(option: str, path: str) -> None:
    """Raise BadCertificate if a file cannot be read; OpenSSL would not say which."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise BadCertificate(f'{option} "{path}" cannot be read: {error.strerror}.') from None
