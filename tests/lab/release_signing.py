"""A repository of releases as its officers make it with `trigpoint-sign`: each with a key of their own, apart from each
other. Everything goes through the program's commands."""
import itertools
import json
import pathlib

from tests.lab.signing import OK, run_sign

PHRASE = "correct horse battery"
ONLINE = ("snapshot", "timestamp")


class Folders:
    """A repository's folder as tests.support.tuf_server serves it."""

    class Part:
        def __init__(self, folder):
            self.folder = folder

        def get(self, name, otherwise=None):
            path = self.folder / name
            return path.read_bytes() if path.is_file() else otherwise

        def __getitem__(self, name):
            return (self.folder / name).read_bytes()

    def __init__(self, folder):
        self.metadata, self.targets = self.Part(folder / "metadata"), self.Part(folder / "targets")


class Ceremony:
    """Officers, their plan, and what they publish. `holders` names the keys of each role, and `threshold` how many sign.
    `token_of` makes a token for somebody and answers the URI of a key in it; without, keys are files."""

    def __init__(self, folder, officers=("ann", "bob", "eve"), threshold=2, token_of=None):
        self.folder, self.repository = pathlib.Path(folder), pathlib.Path(folder) / "repository"
        self.numbers = itertools.count(1)
        self.phrase = self.folder / "phrase"
        self.phrase.write_text(PHRASE + "\n")
        self.phrase.chmod(0o600)
        self.keys, self.public = {}, {}
        for name in officers:
            self.new_key(name, token_of=token_of)
        for name in ONLINE:
            self.new_key(name, phrase=False)
        self.holders = {"root": list(officers), "targets": list(officers), **{name: [name] for name in ONLINE}}
        self.threshold = {"root": threshold, "targets": threshold, **{name: 1 for name in ONLINE}}
        self.channels = {("deb-amd64", "stable"): (list(officers), threshold)}
        self.control = None  # or holders and threshold

    def new_key(self, name, phrase=True, token_of=None):
        (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        self.keys[name] = token_of(name) if token_of else self.folder / name / "key"
        options = ["--passphrase-file", self.phrase] if phrase and not token_of else []
        self.public[name] = run_sign("key", "new", *options, self.keys[name]).strip()

    def file(self, name):
        """A name that is not used yet."""
        return self.folder / f"{next(self.numbers)}-{name}"

    def plan(self):
        """The plan in TOML, as somebody would write it."""
        text = "".join(f'[[holder]]\nname = "{name}"\nkey = "{key}"\n\n' for name, key in self.public.items())
        for role, holders in self.holders.items():
            text += f"[{role}]\nholders = {json.dumps(holders)}\nthreshold = {self.threshold[role]}\n\n"
        for (model, channel), (holders, threshold) in self.channels.items():
            text += (f'[[channel]]\nmodel = "{model}"\nchannel = "{channel}"\nholders = {json.dumps(holders)}\n'
                     f"threshold = {threshold}\n\n")
        if self.control:
            text += f"[control]\nholders = {json.dumps(self.control[0])}\nthreshold = {self.control[1]}\n"
        file = self.file("plan.toml")
        file.write_text(text)
        return file

    def prepare(self, role, expect=OK):
        """The next root or targets, unsigned; its file, or what was said against it."""
        draft = self.file(role)
        told = run_sign(role, "prepare", self.plan(), "--repository", self.repository, "-o", draft, expect=expect)
        return draft if expect == OK else told

    def release(self, number, *words, model="deb-amd64", channel="stable", content=None, expect=OK):
        """The next releases of a channel, unsigned, with one more; draft, image, SBOM."""
        image, sbom, draft = self.bring(number, content)
        told = run_sign("release", "prepare", "--repository", self.repository, "--model", model, "--channel", channel,
                        "--image", image, "--sbom", sbom, "--number", number, *words, "-o", draft, expect=expect)
        return (draft, image, sbom) if expect == OK else told

    def bring(self, number, content=None):
        image, sbom = self.folder / f"probe_{number}.deb", self.folder / f"probe_{number}.cdx.json"
        image.write_bytes(content or f"release {number}".encode() * 1000)
        sbom.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
                                    "components": [{"type": "library", "name": "libc6", "version": "2.36"}]}))
        return image, sbom, self.file(f"release-{number}")

    def control_draft(self, texts, *words, expect=OK):
        """What probes are told besides releases, with these contents ({name: text}) added; draft and folder of contents."""
        draft, added = self.file("control"), []
        for name, text in texts.items():
            file = self.file(name)
            file.write_text(text)
            added += ["--add", f"{name}={file}"]
        told = run_sign("control", "prepare", "--repository", self.repository, *added, *words, "-o", draft, expect=expect)
        return (draft, draft.with_name(draft.name + ".contents")) if expect == OK else told

    def sign(self, draft, *names, contents=None, expect=OK):
        """Each signs a copy of the draft apart from the others, and the copies are merged; the file."""
        copies = [self.file(f"{name}-signed") for name in names]
        options = ["--repository", self.repository, "--contents", contents] if contents else []
        for name, copy in zip(names, copies):
            told = run_sign("sign", "--key", self.keys[name], "--passphrase-file", self.phrase, *options, draft, "-o", copy,
                            expect=expect)
        if expect != OK:
            return told
        merged = self.file("merged")
        run_sign("merge", *copies, "-o", merged)
        return merged

    def publish(self, *drafts, add=(), online=ONLINE, expect=OK):
        """What was said. `online` are the names of the keys that sign snapshot and timestamp."""
        added = [word for each in add for word in ("--add", each)]
        keys = [word for name in online for word in (f"--{name.removeprefix('new-')}-key", self.keys[name])]
        return run_sign("publish", self.repository, *drafts, *added, *keys, expect=expect)

    def found(self, *officers):
        """Publishes the first root, targets, and release 1, signed by these."""
        root, targets = self.sign(self.prepare("root"), *officers), self.sign(self.prepare("targets"), *officers)
        self.publish(root, targets)
        self.publish_release(1, *officers)

    def publish_release(self, number, *officers, **options):
        draft, image, sbom = self.release(number, **options)
        return self.publish(self.sign(draft, *officers), add=(image, sbom))

    def verify(self, expect=OK):
        return run_sign("verify", self.repository, expect=expect)

    def paths(self):
        """Every target that is published."""
        return [line.removeprefix("there: ") for line in self.verify().splitlines() if line.startswith("there: ")]
