"""What a program's file says of itself, as readelf shows it: is it static, stripped, and hard to attack?"""
import re
import subprocess

# model: (machine as readelf names it, may its code lie anywhere)
MODELS = {"sw-x86_64": ("Advanced Micro Devices X86-64", True), "sw-arm64": ("AArch64", True), "sw-armhf": ("ARM", False)}
LIMITS = {"trigpoint-probe": 12 << 20, "trigpoint-supervisor": 8 << 20, "trigpoint-init": 4 << 20}  # octets


def readelf(*options, path):
    done = subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True)
    return done.stdout


def complaints(path, model):
    """What a release must not be; nothing if it is well."""
    machine, anywhere = MODELS[model]
    head, segments = readelf("-h", path=path), readelf("-l", path=path)
    sections, dynamic = readelf("-S", path=path), readelf("-d", path=path)
    loads = re.findall(r"^ +LOAD .* ([R ][W ][E ]) 0x", segments, re.M)
    stack = re.search(r"^ +GNU_STACK .* ([R ][W ][E ]) 0x", segments, re.M)
    found_machine = re.search(r"Machine: +(.+)", head)[1]
    checks = [
        (found_machine == machine, f"it is for {found_machine}"),
        ("INTERP" not in segments and "(NEEDED)" not in dynamic, "it is not static"),
        (".symtab" not in sections and ".debug" not in sections, "it is not stripped"),
        (not anywhere or "DYN (" in head, "its code cannot lie anywhere (PIE)"),
        ("GNU_RELRO" in segments, "its tables can be written while it runs (RELRO)"),
        (loads and not any("W" in one and "E" in one for one in loads), "it has memory both for writing and for running"),
        (stack and "E" not in stack[1], "its stack can be run"),
        (path.stat().st_size <= LIMITS[path.name], f"it has {path.stat().st_size} octets, at most {LIMITS[path.name]}"),
    ]
    return [said for well, said in checks if not well]
