"""One measurement by the probe's own engine, without a platform: trigpoint-lab-measure, and what it found as a dict."""
import base64
import json

from tests.lab.network import programs_folder

ALLOWED = ("198.18.0.0/15", "2001:db8::/32")  # the lab lives in special-purpose space, which a guard refuses
LIMIT = 60.0  # seconds, for all runs of a call


def _word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def measure_all(namespace, kind, *, allow=ALLOWED, anchors=(), user=None, capabilities=(), prefix=(), limit=LIMIT,
                **words):
    """The outcomes of runs of one type, in the order of their ends.

    `words` are those of tests/lab/measure_once.cpp and the options of the type, as proto/options.hpp names them; times
    in milliseconds. `prefix` is a command to run the program under.
    """
    said = {"limit": int(limit * 1000), **words}
    argv = [*prefix, programs_folder() / "trigpoint-lab-measure", kind]
    argv += [f"{name}={_word(value)}" for name, value in said.items()]
    argv += [f"allow={one}" for one in allow] + [f"anchor={one}" for one in anchors]
    done = namespace.run(argv, user=user, capabilities=capabilities, limit=limit + 30)
    return [json.loads(line) for line in done.stdout.splitlines()]


def measure(namespace, kind, **options):
    """The outcome of one run."""
    outcome, = measure_all(namespace, kind, **options)
    return outcome


def octets(text):
    """What a "..._base64" value holds."""
    return base64.b64decode(text)
