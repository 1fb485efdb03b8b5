"""TLS as a server is to speak it: shaken hands with, in this process, by clients of every kind; and its refusals."""

import ssl
from pathlib import Path

import pytest
import trustme
import uvicorn

from forest_serving.host.guards import find_fault
from forest_serving.host.tls import BadCertificate, Options, make_context
from forest_serving.host.tls_check import check
from forest_serving.host.uvicorn_connection import Connection
from forest_serving.http.gateway import Gateway
from tests.support.certificates import PASSWORD, issue


@pytest.fixture(scope="module", params=["RSA", "ECDSA"])
def files(request, tmp_path_factory):
    """Return certificates with keys of each kind."""
    return issue(tmp_path_factory.mktemp("certificates"), request.param)


@pytest.fixture(scope="module")
def ecdsa(tmp_path_factory):
    """Return certificates with keys of one kind, where it does not matter."""
    return issue(tmp_path_factory.mktemp("certificates"))


def client(authority, version=None, ciphers=None):
    """Return a client that trusts an authority, and speaks one version of TLS if one is given."""
    context = ssl.create_default_context(cafile=authority)
    if version:
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def shake_hands(server, asking):
    """Return the version and cipher that a server and a client agree on, or raise what either of them says."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        asking.wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(3):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return sides[0].version(), sides[0].cipher()[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_modern_client_is_spoken_to_with_certificates_of_either_kind(files, version):
    server = make_context(Options(str(files.certificate), str(files.key)))
    spoken, cipher = shake_hands(server, client(files.authority, version))
    assert spoken == version.name.replace("_", ".")
    assert "GCM" in cipher or "CHACHA20" in cipher


@pytest.mark.parametrize("cipher", ["ECDHE+AES:!AESGCM", "kRSA", "DHE", "AESCCM", "ECDHE+SHA1"])
def test_a_client_that_knows_old_ciphers_only_is_refused(files, cipher):
    server = make_context(Options(str(files.certificate), str(files.key), ciphers="TLSv1"))  # BentoML's "no choice"
    old = client(files.authority, ssl.TLSVersion.TLSv1_2, f"{cipher}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match=r"(?i)no.shared.cipher"):
        shake_hands(server, old)


def test_the_operators_choice_counts(files):
    chosen = Options(str(files.certificate), str(files.key), ssl_version=5, ciphers="ECDHE+CHACHA20")
    spoken, cipher = shake_hands(make_context(chosen), client(files.authority))
    assert spoken == "TLSv1.2"
    assert "CHACHA20" in cipher


def test_an_encrypted_key_opens_with_its_password(files):
    server = make_context(Options(str(files.certificate), str(files.encrypted_key), PASSWORD))
    assert shake_hands(server, client(files.authority))[0] == "TLSv1.3"


def test_one_file_may_hold_certificate_and_key(files, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(files.key.read_bytes() + files.certificate.read_bytes())
    assert shake_hands(make_context(Options(str(both))), client(files.authority))[0] == "TLSv1.3"


@pytest.mark.parametrize(("shown", "is_let_in"), [("client", True), ("stranger", False), (None, False)])
def test_only_clients_of_the_authority_are_let_in_where_that_is_asked_for(ecdsa, shown, is_let_in):
    """In TLS 1.2, where the client hears of its refusal during the handshake."""
    options = Options(str(ecdsa.certificate), str(ecdsa.key), cert_reqs=2, ca_certs=str(ecdsa.authority))
    asking = client(ecdsa.authority, ssl.TLSVersion.TLSv1_2)
    if shown:
        asking.load_cert_chain(getattr(ecdsa, shown))
    if is_let_in:
        assert shake_hands(make_context(options), asking)
    else:
        with pytest.raises(ssl.SSLError):
            shake_hands(make_context(options), asking)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"certfile": "nowhere.pem"}, '--ssl-certfile "{folder}/nowhere.pem" cannot be read: No such file'),
        ({"keyfile": "nowhere.pem"}, '--ssl-keyfile "{folder}/nowhere.pem" cannot be read: No such file'),
        ({"certfile": "."}, '--ssl-certfile "{folder}" cannot be read: Is a directory.'),
        ({"keyfile": "client.pem"}, 'The key "{folder}/client.pem" belongs to another certificate'),
        ({"keyfile": "rsa.pem"}, 'The key "{folder}/rsa.pem" belongs to another certificate'),
        ({"keyfile": "encrypted_key.pem"}, "is encrypted; add --ssl-keyfile-password."),
        ({"keyfile": "encrypted_key.pem", "keyfile_password": "x"}, "--ssl-keyfile-password does not open the key"),
        ({"keyfile": "certificate.pem"}, "must be a certificate and its key, in PEM"),
        ({"certfile": "key.pem"}, "must be a certificate and its key, in PEM"),
        ({"certfile": "nothing.pem"}, "must be a certificate and its key, in PEM"),
        ({"version": "99"}, "--ssl-version 99 is no safe one; leave it out"),
        ({"version": "3"}, "--ssl-version 3 is no safe one; leave it out"),
        ({"ciphers": "no-such"}, '--ssl-ciphers "no-such" names no cipher; leave it out.'),
        ({"cert_reqs": "2"}, "give both --ssl-cert-reqs 2 and --ssl-ca-certs"),
        ({"ca_certs": "authority.pem"}, "give both --ssl-cert-reqs 2 and --ssl-ca-certs"),
        ({"cert_reqs": "3", "ca_certs": "authority.pem"}, "give both --ssl-cert-reqs 2 and --ssl-ca-certs"),
        ({"cert_reqs": "2", "ca_certs": "key.pem"}, "must hold certificates in PEM."),
        ({"cert_reqs": "2", "ca_certs": "nowhere.pem"}, '--ssl-ca-certs "{folder}/nowhere.pem" cannot be read'),
        ({"certfile": None}, "--ssl-keyfile is of no use without --ssl-certfile; add it, for HTTPS."),
    ],
    ids=str,
)
def test_what_cannot_serve_is_one_sentence(ecdsa, wrong, sentence):
    """A worker looks for files in its own folder, which need not be the supervisor's."""
    folder = ecdsa.certificate.parent
    (folder / "nothing.pem").touch()
    (folder / "rsa.pem").write_bytes(trustme.CA(key_type=trustme.KeyType.RSA).private_key_pem.bytes())
    given = {"certfile": "certificate.pem", "keyfile": "key.pem"} | wrong
    said = [(f"--ssl-{name.replace('_', '-')}", value) for name, value in given.items() if value]
    with pytest.raises(BadCertificate) as error:
        check(["--fd", "3", *(word for pair in said for word in pair)], folder)
    assert sentence.format(folder=folder) in str(error.value)


def test_a_worker_without_tls_is_not_looked_at():
    """These are what BentoML gives every worker."""
    check(["--fd", "3", "--ssl-version", "17", "--ssl-ciphers", "TLSv1"], Path())


def test_tls_of_uvicorns_own_making_is_a_fault(ecdsa):
    """The name that uvicorn_tls.install puts ours under might be another after an upgrade."""
    config = uvicorn.Config(
        Gateway.__new__(Gateway),
        http=Connection,
        log_config=None,
        ssl_certfile=ecdsa.certificate,
        ssl_keyfile=ecdsa.key,
    )
    config.load()
    assert find_fault(config) == "uvicorn's own TLS is in force, with its old ciphers"
