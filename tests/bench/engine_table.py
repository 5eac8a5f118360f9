"""The table of `make bench-engine`: ours, the peers in the same run, the ratio, the bar; and one JSON object a row."""
import json
import pathlib

OUTPUT = pathlib.Path("build/bench-engine.jsonl")


class EngineTable:
    def __init__(self):
        self.rows = []
        OUTPUT.parent.mkdir(exist_ok=True)
        OUTPUT.unlink(missing_ok=True)

    def add(self, row, ours, unit, bar=None, peers=None, beside=None, ratio_bar=None):
        """`bar`: the most that ours may be. `beside`: the peer that the ratio is to; `ratio_bar`: the most that it may be.

        `ours` is None where there is nothing to measure yet.
        """
        peers = peers or {}
        ratio = ours / peers[beside] if ours is not None and peers.get(beside) else None
        judged = [ours <= bar] if ours is not None and bar is not None else []
        if ratio_bar is not None and ratio is not None:
            judged.append(ratio <= ratio_bar)
        entry = dict(row=row, ours=ours, unit=unit, bar=bar, peers=peers, beside=beside, ratio=ratio, ratio_bar=ratio_bar,
                     met=all(judged) if judged else None)
        self.rows.append(entry)
        with OUTPUT.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        print(self._line(entry), flush=True)

    def note(self, text):
        print(f"  # {text}", flush=True)

    @staticmethod
    def _line(entry):
        ours = "not built" if entry["ours"] is None else f"{entry['ours']:.4g} {entry['unit']}"
        peers = ", ".join(f"{name} {value:.4g}" for name, value in entry["peers"].items())
        ratio = "" if entry["ratio"] is None else f"{entry['ratio']:.2f} x {entry['beside']}"
        bars = [] if entry["bar"] is None else [f"{entry['bar']:g} {entry['unit']}"]
        bars += [] if entry["ratio_bar"] is None else [f"{entry['ratio_bar']:g} x"]
        verdict = {None: "", True: "met", False: "MISSED"}[entry["met"]]
        return f"  {entry['row']:<62} {ours:<18} {peers:<46} {ratio:<15} {' and '.join(bars):<20} {verdict}"
