"""Rows of a benchmark: a table for people, and one JSON object a row in build/bench.jsonl."""
import json
import pathlib

OUTPUT = pathlib.Path("build/bench.jsonl")


class Table:
    def __init__(self, bench):
        self.bench = bench
        self.rows = []

    def add(self, row, ours, unit, bar=None, peer=None, peer_name=None, at_most=True):
        """`bar` is the limit for ours, or for the ratio where there is a peer. `at_most`: smaller is better."""
        ratio = ours / peer if peer else None
        judged = ratio if peer else ours
        met = None if bar is None else (judged <= bar if at_most else judged >= bar)
        entry = dict(bench=self.bench, row=row, ours=ours, peer=peer, peer_name=peer_name, unit=unit, ratio=ratio,
                     bar=bar, met=met)
        self.rows.append(entry)
        OUTPUT.parent.mkdir(exist_ok=True)
        with OUTPUT.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def show(self):
        print(f"\n{self.bench}")
        for entry in self.rows:
            bar = "" if entry["bar"] is None else f"bar {entry['bar']:g}"
            verdict = {None: "", True: "met", False: "MISSED"}[entry["met"]]
            peer = "" if entry["peer"] is None else f"{entry['peer_name']} {entry['peer']:.3g}, ratio {entry['ratio']:.2f}"
            print(f"  {entry['row']:<58} {entry['ours']:>12.5g} {entry['unit']:<10} {peer:<24} {bar:<12} {verdict}")
