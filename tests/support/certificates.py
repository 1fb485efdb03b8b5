"""Certificates for tests, of an authority of their own."""

from pathlib import Path
from typing import NamedTuple

import trustme
from cryptography.hazmat.primitives import serialization

PASSWORD = "open sesame"  # noqa: S105


class Certificates(NamedTuple):
    """Paths of what a server for 127.0.0.1 needs, and its clients.

    Args:
        certificate: the server's.
        key: its key.
        encrypted_key: the same, for PASSWORD.
        authority: the certificate of who signed it.
        client: a client's certificate with its key, by the same authority.
        stranger: one by another authority.
    """

    certificate: Path
    key: Path
    encrypted_key: Path
    authority: Path
    client: Path
    stranger: Path

    def options(self):
        """Return what the guide says to give bentoml serve."""
        return ["--ssl-certfile", str(self.certificate), "--ssl-keyfile", str(self.key)]


def issue(folder, kind="ECDSA"):
    """Return new certificates in a folder, with keys of a kind: ECDSA or RSA."""
    key_type, authority = trustme.KeyType[kind], trustme.CA()
    paths = Certificates(*(folder / f"{name}.pem" for name in Certificates._fields))
    server = authority.issue_cert("127.0.0.1", key_type=key_type)
    server.cert_chain_pems[0].write_to_path(paths.certificate)
    server.private_key_pem.write_to_path(paths.key)
    paths.encrypted_key.write_bytes(encrypted(server.private_key_pem.bytes()))
    authority.cert_pem.write_to_path(paths.authority)
    authority.issue_cert("a@client.example").private_key_and_cert_chain_pem.write_to_path(paths.client)
    trustme.CA().issue_cert("a@client.example").private_key_and_cert_chain_pem.write_to_path(paths.stranger)
    return paths


def encrypted(key):
    """Return a key in PEM that needs PASSWORD."""
    made = serialization.load_pem_private_key(key, None)
    cipher = serialization.BestAvailableEncryption(PASSWORD.encode())
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher)
