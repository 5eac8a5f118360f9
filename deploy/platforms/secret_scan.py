"""Looks for keys and secrets in files that everybody will have."""
import re

# Libraries know how keys begin, so a beginning alone says nothing: what is looked for has a key behind it.
PATTERNS = {
    "a private key (PEM)": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----[\r\n]+(?:[A-Za-z-]+: [^\n]*\n|\n)*[A-Za-z0-9+/]{32,}",
    "a private key (OpenSSH)": rb"openssh-key-v1\x00\x00\x00\x00",
    # ldns has this beginning, and that of Ed448 right behind it.
    "a private key (Ed25519, DER)": rb"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"
                                    rb"(?!\x30\x47\x02\x01\x00\x30)",
    "a private key (RSA, DER)": rb"\x30\x82..\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04\x82",
    "a private key (EC, DER)": rb"\x30.\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06",
    "a key of a host or a user, which is shared by all who have this": rb"ssh-(?:ed25519|rsa) AAAA(?!C3NzaC1lZDI1NTE5AAAAIA{43})"
                                                                       rb"[A-Za-z0-9+/]{60,}",
    "a password in a URL": rb"[a-z]{3,16}://[A-Za-z0-9._-]{1,64}:[^@/\s\"'\x00]{3,64}@[A-Za-z0-9.-]+",
    "a password": rb"(?i)\b(?:password|passwd|passphrase|secret|api[_-]?key|token)[\"']? ?[=:] ?[\"'][^\"'\s\x00%<{$]{6,}[\"']",
    "a key of a cloud": rb"\bAKIA[0-9A-Z]{16}\b",
    "a claim code": rb"(?m)^\s*claim_code *= *\"[^\"]+\"",
}
COMPILED = {name: re.compile(pattern, re.S) for name, pattern in PATTERNS.items()}


def complaints(octets):
    """What was found, and where; nothing if it is well. What was found is not repeated."""
    return [f"{name} at octet {match.start()}" for name, pattern in COMPILED.items()
            for match in pattern.finditer(octets)]
