"""A certificate for servers on the loopback, made for one test run."""

import shutil
import ssl
import subprocess
from pathlib import Path

from tests.support.needs import need

HOW_TO_GET = "install the package openssl"


def make_certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A self-signed certificate and its key, for one address; the test is skipped where there is no openssl."""
    program = shutil.which("openssl")
    need("openssl", program is not None, HOW_TO_GET)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    name = ("-subj", f"/CN={host}", "-addext", f"subjectAltName=IP:{host}")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    subprocess.run(
        [str(program), "req", "-x509", *kind, *name, "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
    return certificate, key


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
