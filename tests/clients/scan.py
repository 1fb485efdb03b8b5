"""sslyze, which tries every version and cipher of TLS that it knows, and known attacks. Usage: scan.py PORT."""

import json
import sys

from sslyze import Scanner, ServerNetworkLocation, ServerScanRequest

VERSIONS = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")

scanner = Scanner()
scanner.queue_scans([ServerScanRequest(ServerNetworkLocation("127.0.0.1", int(sys.argv[1])))])
(scanned,) = scanner.get_results()


def found(name):
    """Return a part of the result."""
    return getattr(scanned.scan_result, name).result


def suites(version):
    """Return the ciphers that are accepted in a version."""
    return sorted(suite.cipher_suite.name for suite in found(f"{version}_cipher_suites").accepted_cipher_suites)


print(
    json.dumps(
        {
            "suites": {version: suites(version) for version in VERSIONS},
            "weak": {
                "compression": found("tls_compression").supports_compression,
                "early data": found("tls_1_3_early_data").supports_early_data,
                "renegotiation": found("session_renegotiation").is_vulnerable_to_client_renegotiation_dos,
                "CCS injection": found("openssl_ccs_injection").is_vulnerable_to_ccs_injection,
                "Heartbleed": found("heartbleed").is_vulnerable_to_heartbleed,
                "ROBOT": found("robot").robot_result.value.startswith("VULNERABLE"),
            },
            "strong": {
                "extended master secret": found("tls_extended_master_secret").supports_ems_extension,
                "fallback is noticed": found("tls_fallback_scsv").supports_fallback_scsv,
                "secure renegotiation": found("session_renegotiation").supports_secure_renegotiation,
            },
        }
    )
)
