"""TLS certificate measurements: chains as sent, however odd, and servers that do not get that far."""
import concurrent.futures
import contextlib
import datetime
import re
import socket
import ssl
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.lab.measure import measure, measure_all, octets
from tests.lab.stream_server import SERVER_V4, SERVER_V6, Server, says, says_and_waits, two_hosts

USERS = [None, "nobody"]
DAY = datetime.timedelta(days=1)
V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


@pytest.fixture(scope="module")
def hosts():
    with two_hosts() as pair:
        yield pair


class Identity:
    """A key and a certificate, signed by `issuer` or by itself; `padding` octets make it as large as wanted."""

    def __init__(self, name, issuer=None, key=None, days=(-1, 1), digest=None, padding=0):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.utcnow()
        signer = issuer or self
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(signer.name)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY))
        if padding:
            unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"x" * padding)
            builder = builder.add_extension(unknown, critical=False)
        self.certificate = builder.sign(signer.key, digest or hashes.SHA256())
        self.der = self.certificate.public_bytes(DER)

    def context(self, folder, chain=(), lowest=V1_2, highest=V1_3, suites=None):
        """A server's context that sends this certificate and then `chain`."""
        file = folder / "identity.pem"
        file.write_bytes(
            self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) +
            b"".join(one.certificate.public_bytes(PEM) for one in (self, *chain)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(suites or "ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = lowest, highest
        context.load_cert_chain(file)
        return context


def shakes_hands(context):
    def script(connection, _):
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)
    return script


def shake(host, probe, script, address=SERVER_V4, **options):
    with Server(host, script, address, head=False) as server:
        return measure(probe, "tls", target=address, af=6 if ":" in address else 4, port=server.port, **options)


def chain_of(outcome):
    assert outcome["failed"] is None, outcome["failed"]
    return [octets(one) for one in outcome["found"]["certificates_base64"]]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("address", [SERVER_V4, SERVER_V6])
@pytest.mark.parametrize("version, text", [(V1_2, "1.2"), (V1_3, "1.3")])
def test_the_chain_as_sent(hosts, tmp_path, version, text, address, user):
    probe, host = hosts
    root = Identity("root")
    middle = Identity("middle", root)
    leaf = Identity("leaf", middle)
    context = leaf.context(tmp_path, [middle, root], version, version)
    outcome = shake(host, probe, shakes_hands(context), address, user=user)
    assert chain_of(outcome) == [leaf.der, middle.der, root.der]
    got = outcome["found"]
    assert got["version"] == text and re.fullmatch("0x[0-9a-f]{4}", got["cipher"]) and got["alert"] is None
    assert (got["cipher"][:4] == "0x13") == (text == "1.3")
    assert 0 < got["connect_time"] < got["round_trip"]
    assert outcome["clock"] == "user" and outcome["packets_sent"] > 2 and outcome["octets_received"] > 500


def test_odd_chains_are_told_as_they_are(hosts, tmp_path):
    """Nothing is verified: neither dates, nor order, nor names, nor signatures."""
    probe, host = hosts
    root, other = Identity("root"), Identity("other")
    leaf = Identity("leaf", root)
    for sent in ([Identity("expired", days=(-9, -8))], [Identity("not yet", days=(8, 9))], [Identity("")],
                 [leaf, other, root, other], [leaf, leaf, leaf], [leaf] + [root] * 15, [Identity("x", padding=20_000)]):
        outcome = shake(host, probe, shakes_hands(sent[0].context(tmp_path, sent[1:])))
        assert chain_of(outcome) == [one.der for one in sent]


def test_a_chain_that_no_report_holds_says_so(hosts, tmp_path):
    probe, host = hosts
    leaf = Identity("leaf")
    outcome = shake(host, probe, shakes_hands(leaf.context(tmp_path, [leaf] * 19)))
    assert outcome["failed"] == {"source": "target", "text": "certificate chain too large: 4 are left out"}
    assert [octets(one) for one in outcome["found"]["certificates_base64"]] == [leaf.der] * 16
    large = Identity("large", padding=30_000)
    outcome = shake(host, probe, shakes_hands(leaf.context(tmp_path, [large, large])))
    assert outcome["failed"] == {"source": "target", "text": "certificate chain too large: 1 are left out"}
    outcome = shake(host, probe, shakes_hands(leaf.context(tmp_path, [large] * 3)))
    assert outcome["failed"] == {"source": "target", "text": "TLS handshake: excessive message size"}


def test_weak_servers_are_measured(hosts, tmp_path):
    probe, host = hosts
    weak = Identity("weak", key=rsa.generate_private_key(65537, 1024), digest=hashes.SHA1())
    for suite, number in (("AES128-SHA", "0x002f"), ("ECDHE-RSA-AES256-SHA", "0xc014"), ("CAMELLIA256-SHA", "0x0084")):
        outcome = shake(host, probe,
                        shakes_hands(weak.context(tmp_path, highest=V1_2, suites=f"{suite}:@SECLEVEL=0")))
        assert chain_of(outcome) == [weak.der] and outcome["found"]["cipher"] == number


def test_the_server_is_asked_for_a_name_and_its_alert_is_told(hosts, tmp_path):
    probe, host = hosts
    names = []
    context = Identity("leaf").context(tmp_path)

    def on_name(_, name, __):
        names.append(name)
        return None if name in (None, "known.example") else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = on_name
    known = shake(host, probe, shakes_hands(context), hostname="known.example")
    assert len(chain_of(known)) == 1
    nameless = shake(host, probe, shakes_hands(context))
    assert len(chain_of(nameless)) == 1
    unknown = shake(host, probe, shakes_hands(context), hostname="unknown.example")
    assert unknown["failed"] is None and unknown["found"]["certificates_base64"] == []
    assert unknown["found"]["alert"] == {"level": 2, "description": 112}
    assert unknown["found"]["round_trip"] > 0
    assert names == ["known.example", None, "unknown.example"]


def test_a_server_that_wants_a_certificate_of_ours_still_shows_its_own(hosts, tmp_path):
    probe, host = hosts
    for version in (V1_2, V1_3):
        leaf = Identity("leaf")
        context = leaf.context(tmp_path, lowest=version, highest=version)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(tmp_path / "identity.pem")
        outcome = shake(host, probe, shakes_hands(context))
        assert chain_of(outcome) == [leaf.der] and outcome["found"]["alert"] is None


def vector(content, octets_of_length):
    return len(content).to_bytes(octets_of_length, "big") + content


def record(kind, content):
    return bytes([kind, 3, 3]) + vector(content, 2)


def handshake(kind, content):
    return record(22, bytes([kind]) + vector(content, 3))


HELLO = handshake(2, b"\x03\x03" + bytes(32) + b"\x00" + b"\xc0\x2f" + b"\x00")  # TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256


def certificates(*sent):
    return handshake(11, vector(b"".join(vector(one, 3) for one in sent), 3))


def reset(connection, _):
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def after_our_hello(script):
    def reads_first(connection, server):
        connection.recv(4096)
        script(connection, server)
    return reads_first


@pytest.mark.parametrize("script, text", [
    (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "TLS handshake: wrong version number"),
    (after_our_hello(says()), "error reading hello: closed by the other side"),
    (reset, "error reading hello: Connection reset by peer"),
    (after_our_hello(says(HELLO)), "error reading certificates: closed by the other side"),
    (after_our_hello(says(HELLO, certificates())), "no certificate"),
    (after_our_hello(says(HELLO, handshake(11, vector(b"\x00\x00\x09short", 3)))), "bad certificate message"),
    (says(record(22, b"\x02\xff\xff\xff")), None),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_handshake_that_fails_says_why(hosts, script, text):
    probe, host = hosts
    outcome = shake(host, probe, script)
    assert outcome["failed"]["source"] == "target"
    assert text is None or outcome["failed"]["text"] == text
    assert outcome["found"]["alert"] is None


def test_alerts_of_any_kind(hosts):
    probe, host = hosts
    for level, description in ((2, 70), (2, 40), (1, 0), (2, 255)):
        outcome = shake(host, probe, after_our_hello(says(record(21, bytes([level, description])))))
        assert outcome["found"]["alert"] == {"level": level, "description": description}
        assert outcome["failed"] is None


def test_what_is_no_certificate_at_all_is_told_as_it_was_sent(hosts):
    probe, host = hosts
    sent = [b"no certificate at all", b"", b"\x30\x03\x02\x01\x05"]
    outcome = shake(host, probe, after_our_hello(says_and_waits(HELLO, certificates(*sent))))
    assert chain_of(outcome) == sent
    assert (outcome["found"]["version"], outcome["found"]["cipher"]) == ("1.2", "0xc02f")


def test_whoever_stalls_is_waited_for_to_the_limit_and_no_longer(hosts, tmp_path):
    """All at once, since each takes the whole limit of 15 s."""
    probe, host = hosts
    leaf = Identity("leaf", key=rsa.generate_private_key(65537, 2048))
    stalls = {
        says_and_waits(): "timeout reading hello",
        after_our_hello(says_and_waits(HELLO[:20])): "timeout reading hello",
        after_our_hello(says_and_waits(HELLO)): "timeout reading certificates",
        after_our_hello(says_and_waits(HELLO, certificates(leaf.der)[:100])): "timeout reading certificates",
        after_our_hello(says_and_waits(HELLO, certificates(leaf.der))): None,  # its certificate is known
    }
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(len(stalls)) as pool:
        servers = [stack.enter_context(Server(host, script, head=False)) for script in stalls]
        outcomes = list(pool.map(lambda one: measure(probe, "tls", target=SERVER_V4, port=one.port), servers))
    failures = [one["failed"] and one["failed"]["text"] for one in outcomes]
    assert failures == list(stalls.values())
    assert chain_of(outcomes[-1]) == [leaf.der]


def test_a_target_that_the_guard_refuses_is_not_met(hosts, tmp_path):
    probe, host = hosts
    with Server(host, says(), head=False) as server:
        outcome = measure(probe, "tls", target=SERVER_V4, port=server.port, allow=())
        assert outcome["failed"] == {"source": "guard", "text": "address not allowed"} and outcome["why"]
        assert server.met == 0


def test_a_port_that_nobody_serves(hosts):
    probe, _ = hosts
    outcome = measure(probe, "tls", target=SERVER_V4, port=4)
    assert outcome["failed"] == {"source": "target", "text": "connect: Connection refused"}


def test_many_at_once_each_get_their_chain(hosts, tmp_path):
    """More than there are sessions for at a time."""
    probe, host = hosts
    leaf = Identity("leaf")
    with Server(host, shakes_hands(leaf.context(tmp_path)), head=False) as server:
        outcomes = measure_all(probe, "tls", target=SERVER_V4, port=server.port, times=200, at_once=True)
    assert len(outcomes) == 200 and all(chain_of(one) == [leaf.der] for one in outcomes)
