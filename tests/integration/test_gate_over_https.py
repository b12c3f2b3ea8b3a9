"""A cluster's webhook over a real TLS connection, with the token in its header; and the files that the how-to gives."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headway import identity
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.pages import application
from tests.factories.reviews import image, pod, review
from tests.factories.serving import released

pytestmark = pytest.mark.e2e


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for this machine, signed by itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "headway")]),
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(minutes=1))
        .not_valid_after(clock.now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "tls.key", tmp_path / "tls.crt"
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files[0].write_bytes(key.private_bytes(*private))
    files[1].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return files


@pytest.fixture
def address(parts: Parts, certificate: tuple[Path, Path]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        application(parts), host="127.0.0.1", port=port, lifespan="off", log_config=None,
        ssl_keyfile=str(certificate[0]), ssl_certfile=str(certificate[1]),
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"https://127.0.0.1:{port}/api/v1/admissions/kubernetes?environment=sandbox"
    server.should_exit = True
    thread.join(10)


def test_a_cluster_is_answered_over_tls(parts: Parts, address: str, certificate: tuple[Path, Path]) -> None:
    subject = released(parts)
    with parts.database.session() as session:
        identity.setup_home(session)
        owner, cluster = identity.get_actor(session, "person:local"), Ref("service", "cluster")
        identity.grant_role(session, owner, principal=cluster, role=Role.operator, department="sales")
        token = identity.create_token(session, owner, owner=cluster, name="webhook", scopes=["gate:evaluate"]).secret
    trusted = ssl.create_default_context(cafile=str(certificate[1]))

    def ask(thing: dict[str, Any], bearer: str) -> dict[str, Any]:
        body, headers = json.dumps(review(thing)).encode(), {"content-type": "application/json"}
        request = urllib.request.Request(address, body, {**headers, "authorization": f"Bearer {bearer}"})
        with urllib.request.urlopen(request, timeout=10, context=trusted) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    let_in = ask(pod(image(subject)), token)
    assert (let_in["apiVersion"], let_in["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert let_in["response"]["allowed"] is True
    assert ask(pod("nginx:latest"), token)["response"]["allowed"] is False
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask(pod(image(subject)), "hwy_of_nobody")
