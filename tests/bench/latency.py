"""From a request's last byte to its first result readable at the API, minus the target's round trip."""
import http.client
import json
import statistics
import time

from tests.bench.platform_here import PlatformHere
from tests.bench.record import Table

RUNS = 200
RESULT_LIMIT = 10.0  # seconds
PROBES = 5


def one_run(connection, platform, headers):
    body = json.dumps({"definitions": [{"type": "ping", "af": 4, "target": "127.0.0.1", "description": "latency",
                                        "packets": 1}],
                       "probes": [{"type": "area", "value": "WW", "requested": PROBES}], "is_oneoff": True})
    connection.request("POST", "/api/v2/measurements/", body, headers)
    sent = time.monotonic()
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 201:
        raise RuntimeError(text.decode())
    number = json.loads(text)["measurements"][0]
    while time.monotonic() - sent < RESULT_LIMIT:
        connection.request("GET", f"/api/v2/measurements/{number}/results/", headers=headers)
        results = json.loads(connection.getresponse().read())
        if results:
            passed = (time.monotonic() - sent) * 1000 - max(0, results[0]["min"])
            connection.request("DELETE", f"/api/v2/measurements/{number}/", headers=headers)
            connection.getresponse().read()
            return passed
        time.sleep(0.001)
    raise RuntimeError(f"no result of measurement {number} after {RESULT_LIMIT:g} s")


def run():
    table = Table("latency")
    with PlatformHere(controllers=2) as platform:
        for _ in range(PROBES):
            platform.add_probe()
        headers = {"Authorization": f"Key {platform.key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", platform.http_port, timeout=30)
        times = [one_run(connection, platform, headers) for _ in range(RUNS)]
    table.add("one-off ping, POST to first result, median", statistics.median(times), "ms", bar=50)
    table.add("one-off ping, POST to first result, p99", statistics.quantiles(times, n=100)[98], "ms", bar=200)
    table.show()


if __name__ == "__main__":
    run()
