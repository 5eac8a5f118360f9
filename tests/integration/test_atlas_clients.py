"""Debian's unmodified clients of RIPE Atlas against our API: blaeu-reach, blaeu-resolve and cousteau measure, and read what
came out.

blaeu knows one server, atlas.ripe.net, so it is led to ours by a proxy that takes every CONNECT there, and trusts a
certificate of that name that this test makes. cousteau is told the server; it trusts the same certificate.
"""
import json
import pathlib
import socket
import subprocess
import sys
import threading

import pytest

if __name__ != "__main__":
    from tests.lab.platform import HTTPS_PORT, Platform, wait_for
    from tests.lab.services import start_services
    from tests.lab.topology import HUB_V4

PROXY_PORT = 3128
READY_LIMIT = 20.0  # seconds for the proxy to come up
BLAEU_LIMIT = 180.0  # seconds for a run of blaeu, most of it spent asleep
COUSTEAU_LIMIT = 60.0  # seconds for one of its scripts
RESULTS_LIMIT = 60.0  # seconds until all results are in
TAGS_LIMIT = 60.0  # seconds until it is known whose resolvers resolve
PACKETS = 2
NAME = "near.lab.test"

CREATE = """
import json, os
from ripe.atlas.cousteau import AtlasCreateRequest, AtlasSource, Ping
server, key, target, packets = os.environ["SERVER"], os.environ["KEY"], os.environ["TARGET"], int(os.environ["PACKETS"])
ping = Ping(af=4, target=target, description="by cousteau", packets=packets)
source = AtlasSource(type="area", value="WW", requested=2, tags={"include": ["system-ipv4-works"]})
done, answer = AtlasCreateRequest(key=key, server=server, measurements=[ping], sources=[source], is_oneoff=True).create()
print(json.dumps([done, answer]))
"""
READ = """
import json, os
from ripe.atlas.cousteau import AtlasLatestRequest, AtlasResultsRequest, Measurement, MeasurementRequest, Probe, ProbeRequest
server, number = os.environ["SERVER"], int(os.environ["NUMBER"])
about = Measurement(id=number, server=server)
results = AtlasResultsRequest(msm_id=number, server=server).create()
latest = AtlasLatestRequest(msm_id=number, server=server).create()
probes = [one["id"] for one in ProbeRequest(server=server, status=1, page_size=1)]
print(json.dumps({"type": about.type, "status": about.status, "target": about.target, "start": about.start_time.timestamp(),
                  "results": results, "latest": latest, "probes": probes,
                  "countries": [Probe(id=one, server=server).country_code for one in probes],
                  "known": [one["id"] for one in MeasurementRequest(server=server)]}))
"""
STOP = """
import json, os
from ripe.atlas.cousteau import AtlasStopRequest
print(json.dumps(AtlasStopRequest(key=os.environ["KEY"], server=os.environ["SERVER"], msm_id=os.environ["NUMBER"]).create()))
"""


def carry(source, sink):
    """Octets one way until either side ends."""
    try:
        while octets := source.recv(65536):
            sink.sendall(octets)
    except OSError:
        pass
    finally:
        sink.close()
        source.close()


def lead(client, target):
    """One CONNECT, whatever it names."""
    head = b""
    while b"\r\n\r\n" not in head:
        octets = client.recv(4096)
        if not octets or len(head) > 65536:
            return client.close()
        head += octets
    server = socket.create_connection(target)
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=carry, args=(server, client), daemon=True).start()
    return carry(client, server)


def proxy(port, host, target_port):
    """Takes CONNECT to anywhere, and leads it to one server."""
    listener = socket.create_server(("127.0.0.1", port))
    print("READY", flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=lead, args=(client, (host, target_port)), daemon=True).start()


@pytest.fixture(scope="module")
def certificate(lab):
    """A certificate as atlas.ripe.net and the hub, and its key."""
    certificate, key = lab.data / "atlas.pem", lab.data / "atlas.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=atlas.ripe.net", "-addext", f"subjectAltName=DNS:atlas.ripe.net,IP:{HUB_V4}",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=READY_LIMIT)
    key.chmod(0o644)  # the platform has left root's rights behind when it reads it
    return certificate, key


@pytest.fixture(scope="module")
def platform(lab, certificate):
    near = lab.targets["near"]
    settings = {"api.tls_certificate": str(certificate[0]), "api.tls_key": str(certificate[1]), "detectors.round": 2,
                "detectors.delay": 2, "look_ups.name": NAME, "look_ups.a": [near.v4], "look_ups.aaaa": [near.v6],
                "look_ups.every": 4}
    start_services(lab)
    with Platform(lab, settings) as started:
        for name in ("p1", "p2", "p3"):
            started.add_probe(name)
        for probe in started.probes.values():
            probe.wait_connected()
        yield started
        print(started.logs())  # shown by pytest if something failed


@pytest.fixture(scope="module")
def home(lab, platform, certificate):
    """What a user of the clients has: the key in ~/.atlas/auth, and an environment that leads to our server."""
    folder = lab.data / "home"
    (folder / ".atlas").mkdir(parents=True)
    (folder / ".atlas/auth").write_text(platform.key + "\n")
    started = lab["hub"].start([sys.executable, pathlib.Path(__file__).resolve(), PROXY_PORT, HUB_V4, HTTPS_PORT])
    started.wait_ready(READY_LIMIT)
    return {"HOME": str(folder), "https_proxy": f"http://127.0.0.1:{PROXY_PORT}", "SSL_CERT_FILE": str(certificate[0])}


def cousteau(platform, certificate, script, **values):
    """What a script that uses cousteau prints, as JSON."""
    environment = {"SERVER": f"{HUB_V4}:{HTTPS_PORT}", "KEY": platform.key, "REQUESTS_CA_BUNDLE": str(certificate[0]),
                   **{name: str(value) for name, value in values.items()}}
    done = platform.lab["hub"].run(["/usr/bin/python3", "-c", script], environment=environment, limit=COUSTEAU_LIMIT)
    return json.loads(done.stdout)


def test_blaeu_reach_measures_from_all_probes(platform, home):
    target = platform.lab.targets["near"].v4
    done = platform.lab["hub"].run(["blaeu-reach", "--requested=3", f"--tests={PACKETS}", target], environment=home,
                                   limit=BLAEU_LIMIT)
    assert "3 probes reported" in done.stdout
    assert f"Tests: {3 * PACKETS} successful tests (100.0 %), 0 errors (0.0 %), 0 timeouts (0.0 %)" in done.stdout


def test_blaeu_reach_counts_what_a_dead_target_does_not_answer(platform, home):
    done = platform.lab["hub"].run(["blaeu-reach", "--requested=1", "--tests=1", platform.lab.targets["dead"].v4],
                                   environment=home, limit=BLAEU_LIMIT)
    assert "1 probes reported" in done.stdout
    assert "No successful test" in done.stdout


def test_blaeu_resolve_asks_probes_whose_resolvers_resolve(platform, home):
    tags = "system-resolves-a-correctly,system-resolves-aaaa-correctly"
    wait_for(lambda: platform.api.get(f"/api/v2/probes/?tags={tags}")["count"] == 3, TAGS_LIMIT, "all three tagged")
    done = platform.lab["hub"].run(["blaeu-resolve", "--requested=3", "--type=A", NAME], environment=home,
                                   limit=BLAEU_LIMIT)
    assert f"[{platform.lab.targets['near'].v4}] : 3 occurrences" in done.stdout


def test_blaeu_is_refused_with_a_key_that_is_none(platform, home):
    folder = pathlib.Path(home["HOME"]).parent / "stranger"
    (folder / ".atlas").mkdir(parents=True)
    (folder / ".atlas/auth").write_text("00000000-0000-0000-0000-000000000000\n")
    done = platform.lab["hub"].run(["blaeu-reach", "--requested=1", platform.lab.targets["near"].v4],
                                   environment={**home, "HOME": str(folder)}, limit=BLAEU_LIMIT, check=False)
    assert done.returncode != 0
    assert "403" in done.stdout + done.stderr


def test_cousteau_creates_reads_and_stops(platform, certificate):
    target = platform.lab.targets["far"]
    done, answer = cousteau(platform, certificate, CREATE, TARGET=target.v4, PACKETS=PACKETS)
    assert done, answer
    number = answer["measurements"][0]

    def complete():
        seen = cousteau(platform, certificate, READ, NUMBER=number)
        return seen if len(seen["results"][1]) == 2 else None
    seen = wait_for(complete, RESULTS_LIMIT, "results of cousteau's measurement")
    assert (seen["type"], seen["status"], seen["target"]) == ("ping", "Ongoing", target.v4)
    assert number in seen["known"]
    assert sorted(seen["probes"]) == sorted(probe.number for probe in platform.probes.values())
    assert sorted(seen["countries"]) == ["DE", "FR", "NL"]
    assert seen["results"][0] and seen["latest"][0]
    assert len(seen["latest"][1]) == 2
    for result in seen["results"][1]:
        assert (result["msm_id"], result["type"], result["dst_addr"]) == (number, "ping", target.v4)
        assert (result["sent"], result["rcvd"]) == (PACKETS, PACKETS)
        assert result["min"] >= target.round_trip - 1
        assert result["fw"] >= 5000

    done, answer = cousteau(platform, certificate, STOP, NUMBER=number)
    assert done, answer
    after = cousteau(platform, certificate, READ, NUMBER=number)
    assert after["status"] == "Stopped"
    assert len(after["results"][1]) == 2


if __name__ == "__main__":
    proxy(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
