"""`make demo`: the whole platform in a small Internet on this machine, and measurements of every type from every probe.

`output` prints; `tasks` asks the API for measurements and collects results; `pings` and `types` say what to ask, and
judge what came in by what is known of the laboratory.
"""
