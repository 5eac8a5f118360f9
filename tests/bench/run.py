"""`make bench`: every benchmark, each a table, and one JSON object a row in build/bench.jsonl."""
from tests.bench import latency, load, probe_memory, relay
from tests.bench.record import OUTPUT


def main():
    OUTPUT.unlink(missing_ok=True)
    for bench in (latency, probe_memory, load, relay):
        bench.run()


if __name__ == "__main__":
    main()
