"""The network below: certificates, proxies, connections."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.hubspot import transport
from connectors.hubspot.transport import Transport, UnansweredError
from tests.connectors.hubspot.raw_server import http_answer, raw_server


@pytest.fixture
def certificate(tmp_path):
    """A file with a certificate of our own for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    no_password = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_of_ones_own_is_trusted_where_the_environment_says_so(certificate, secure, variable):
    with raw_server(lambda _: [http_answer(b"{}")], context=secure) as server:
        sender = Transport(server.url, secret={variable: str(certificate)}.get)
        assert sender.send("GET", "/x").json() == {}
        sender.close()


def test_another_certificate_is_refused_for_good(secure):
    with raw_server(lambda _: [http_answer(b"{}")], context=secure) as server:
        sender = Transport(server.url)
        with pytest.raises(UnansweredError, match="SSL_CERT_FILE") as told:
            sender.send("GET", "/x")
        assert told.value.is_lasting
        sender.close()


def test_a_deadline_holds_behind_encryption_too(certificate, secure, monkeypatch):
    monkeypatch.setattr(transport, "DEADLINE", 0.2)
    parts = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"] + [b" "] * 1000
    with raw_server(lambda _: parts, pause=0.02, context=secure) as server:
        sender = Transport(server.url, secret={"SSL_CERT_FILE": str(certificate)}.get)
        with pytest.raises(UnansweredError, match="no answer in time"):
            sender.send("GET", "/x")
        sender.close()


def test_requests_go_through_the_proxy_that_the_environment_names():
    with raw_server(lambda _: [http_answer(b"", "403 Forbidden")], hangs_up=True) as proxy:
        for variables in ({"HTTPS_PROXY": proxy.url}, {"https_proxy": proxy.url.removeprefix("http://")}):
            sender = Transport("https://api.hubapi.test", secret=variables.get)
            with pytest.raises(UnansweredError, match="the proxy"):
                sender.send("GET", "/x", headers={"Authorization": "Bearer secret"})
            sender.close()
    assert [seen[0].split()[:2] for seen in proxy.seen] == [["CONNECT", "api.hubapi.test:443"]] * 2
    assert "secret" not in str(proxy.seen)


def test_loopback_and_excepted_hosts_go_past_the_proxy():
    with raw_server(lambda _: [http_answer(b"{}")]) as server:
        sender = Transport(server.url, secret={"HTTP_PROXY": "http://127.0.0.1:9"}.get)
        assert sender.send("GET", "/x").json() == {}
        sender.close()
    variables = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "other.test,hubapi.test"}
    assert transport._proxy("https", "api.hubapi.test", variables.get) is None
    assert transport._proxy("https", "api.hubapi.com", variables.get) == "http://127.0.0.1:9"


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Oh no"])
def test_a_connection_serves_again_after_any_answer(status):
    opened = set()

    def answer(_):
        return [http_answer(b"\xff\xfe" if status.startswith("5") else b"{}", status)]

    with raw_server(answer) as server:
        original = server.RequestHandlerClass.handle

        class Counting(server.RequestHandlerClass):
            def handle(self):
                opened.add(self.client_address)
                original(self)

        server.RequestHandlerClass = Counting
        sender = Transport(server.url)
        assert [sender.send("GET", "/x").status for _ in range(5)] == [int(status[:3])] * 5
        sender.close()
    assert len(opened) == 1


def test_bytes_that_are_no_text_break_nothing():
    with raw_server(lambda _: [http_answer(b"\xff\xfe\x00", "502 Bad Gateway")]) as server:
        sender = Transport(server.url)
        answer = sender.send("POST", "/x", body={})
        assert (answer.status, answer.json()) == (502, None)
        sender.close()
