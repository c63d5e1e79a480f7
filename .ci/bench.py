"""A copy of the package in which one small change after another is built and tested.

Shared by .ci/mutants.py and .ci/faults/faults.py. The copy is built incrementally, one change takes
the place of the one before; the quickest tests come first, and the first failure is enough. The
changed file is put back before the tests run: some of them read the sources, and what they would
notice is the text, not what it does.
"""

import collections, contextlib, fcntl, json, os, pathlib, selectors, shutil, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# Seconds: tests that take longer than one of these run after those that do not.
PHASES = (0.05, 0.5)
# A change hangs if for so many seconds no test ends; or for so many times the slowest test.
SILENCE, SLOWER = 20, 8
# So many times longer if it has not run meanwhile.
PATIENCE = 10

# The codes of errors in a constant, which the compiler has evaluated: it panics, or goes on for ever.
CONSTANT_ERRORS = {"E0080", "long_running_const_eval"}

Outcome = collections.namedtuple("Outcome", "found by tests seconds")


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, **options)


def codes(built):
    """The codes of the errors of a build."""
    lines = map(json.loads, filter(lambda line: line.startswith("{"), built.stdout.splitlines()))
    told = [line["message"] for line in lines if line.get("reason") == "compiler-message"]
    return {it["code"]["code"] for it in told if it["level"] == "error" and it["code"]}


def spent(pid):
    """The seconds that a process has run; all of them where the system does not say."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return time.monotonic()


class Bench:
    def __init__(self, release=False):
        self.release = release
        self.folder = TARGET / "bite"
        self.copy = self.folder / "package"
        self.copy.mkdir(parents=True, exist_ok=True)
        # What is built here has one name, wherever the copy is: two at once would run each other's.
        self.lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another run is under way: give this one a CARGO_TARGET_DIR of its own")
        self.sync()
        self.killers = collections.defaultdict(collections.Counter)
        # What the tests' program finds in its environment.
        self.environment = {}
        self.binary = self.build() or sys.exit("the package does not compile")
        self.original = shutil.copy2(self.binary, self.folder / "original")
        self.sound = {}
        self.times = self.measure()

    def sync(self):
        """Makes the copy equal to the package, and leaves alone what is equal."""
        listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT)
        names = listed.stdout.split("\n")
        if listed.returncode != 0:
            # Not a checkout: what the package is made of.
            parts = ("src", "tests", "benches", "examples")
            found = [path for part in parts for path in (ROOT / part).rglob("*")]
            found = [path.relative_to(ROOT) for path in [*found, *ROOT.glob("*.*")]]
            names = [str(path) for path in found if "target" not in path.parts]
        files = {name for name in [*names, "Cargo.lock"] if (ROOT / name).is_file()}
        files = {name for name in files if not name.startswith((".ci/", "fuzz/"))}
        for old in [path for path in self.copy.rglob("*") if path.is_file()]:
            if str(old.relative_to(self.copy)) not in files:
                old.unlink()
        for name in files:
            new, old = ROOT / name, self.copy / name
            if not old.exists() or old.read_bytes() != new.read_bytes():
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(new, old)
        # A change is not to be refused for its style.
        manifest = self.copy / "Cargo.toml"
        manifest.write_text(manifest.read_text().split("\n[lints.")[0] + "\n")

    def cargo(self, *command, **environment):
        """Runs this command about the tests, with messages for a program."""
        command = ["cargo", *command, "--test", "behaviour", "--message-format", "json"]
        # Without its names for a debugger it links sooner; the dependencies stay as they are.
        command += ["--config", 'profile.dev.package.lankeeper.debug=false']
        environment = os.environ | {"CARGO_TARGET_DIR": str(TARGET)} | environment
        return run(*command, cwd=self.copy, env=environment)

    def build(self):
        """The tests' program, or nothing if this does not compile."""
        built = self.cargo("test", "--no-run", *["--release"] * self.release)
        self.said = built.stderr
        self.refused = CONSTANT_ERRORS & codes(built)
        return self.program(built)

    def program(self, built):
        programs = [
            message["executable"]
            for message in map(json.loads, built.stdout.splitlines())
            if message.get("reason") == "compiler-artifact" and message.get("executable")
        ]
        return programs[0] if built.returncode == 0 and programs else None

    def events(self, program, names, silence, environment):
        """What the tests of these names tell, until they end or say nothing for long."""
        command = [program, "-Z", "unstable-options", "--format", "json", "--report-time"]
        command += ["--exact", *names]
        # The first counter-example is enough.
        extra = {"RUSTC_BOOTSTRAP": "1", "PROPTEST_MAX_SHRINK_ITERS": "0", "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1"}
        process = subprocess.Popen(
            command,
            cwd=self.copy,
            env=os.environ | extra | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        running, rest = set(), b""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                heard, used = time.monotonic(), spent(process.pid)
                while True:
                    if not selector.select(1):
                        quiet, busy = time.monotonic() - heard, spent(process.pid) - used
                        # Beside others it may only have waited for its turn.
                        if quiet > silence and (busy > 0.8 * silence or quiet > PATIENCE * silence):
                            yield {"type": "hang", "names": sorted(running)}
                            return
                        continue
                    data = os.read(process.stdout.fileno(), 1 << 16)
                    if not data:
                        break
                    heard, used = time.monotonic(), spent(process.pid)
                    *lines, rest = (rest + data).split(b"\n")
                    for line in filter(None, lines):
                        event = json.loads(line) if line.startswith(b"{") else {"type": "noise"}
                        if event["type"] == "test":
                            (running.add if event["event"] == "started" else running.discard)(
                                event["name"]
                            )
                        yield event
            # Not a test that fails, but the end of all (a stack that overflows, an abort).
            if process.wait() not in (0, 101):
                yield {"type": "hang", "names": sorted(running)}
        finally:
            process.kill()
            process.wait()

    def measure(self):
        """How long each test takes. What was measured before is not measured again."""
        kept = self.folder / "times.json"
        times = json.loads(kept.read_text()) if kept.exists() else {}
        listed = run(self.binary, "--list", "--format", "terse", cwd=self.copy, check=True).stdout
        names = [line.removesuffix(": test") for line in listed.split("\n") if line.endswith(": test")]
        if not names:
            sys.exit("the program of the tests has none")
        times = {name: times[name] for name in names if name in times}
        if new := [name for name in names if name not in times]:
            for event in self.events(self.binary, new, 600, {}):
                if event["type"] == "test" and event["event"] == "ok":
                    times[event["name"]] = event["exec_time"]
                if event["type"] == "test" and event["event"] == "ignored":
                    names.remove(event["name"])
        if failed := [name for name in names if name not in times]:
            sys.exit(f"tests that fail without any change: {' '.join(failed)}")
        kept.write_text(json.dumps(times, indent=1))
        return times

    def passes(self, name):
        """Whether a test passes without any change: only then it has found the one that was made."""
        if name not in self.sound:
            events = self.events(self.original, [name], 600, {})
            self.sound[name] = any(event.get("event") == "ok" and event["type"] == "test" for event in events)
            if not self.sound[name]:
                print(f"a test fails without any change: {name}", flush=True)
        return self.sound[name]

    def phases(self, chosen, key):
        """The names of the tests: those that found a change of this kind before, then by time."""
        chosen = [name for name in self.times if chosen is None or name in chosen]
        first = [name for name, _ in self.killers[key].most_common(20) if name in chosen]
        # A slow one is worth it only if it is the only one.
        first = [name for name in first if self.times[name] < 1]
        yield first
        limits = [0, *PHASES, float("inf")]
        for low, high in zip(limits, limits[1:]):
            yield [
                name for name in chosen if low <= self.times[name] < high and name not in first
            ]

    def check(self, chosen=None, key=None):
        """Whether a test fails, and which."""
        begin, ended = time.monotonic(), 0
        outcome = lambda by: Outcome(by is not None, by, ended, time.monotonic() - begin)
        for names in self.phases(chosen, key):
            if not names:
                continue
            silence = max(SILENCE, SLOWER * max(self.times[name] for name in names))
            for event in self.events(self.binary, names, silence, self.environment):
                if event["type"] == "hang":
                    return outcome("hangs: " + " ".join(event["names"][:3]))
                if event["type"] == "test" and event["event"] in ("ok", "failed"):
                    ended += 1
                    if event["event"] == "failed" and self.passes(event["name"]):
                        self.killers[key][event["name"]] += 1
                        return outcome(event["name"])
        return outcome(None)

    @contextlib.contextmanager
    def changed(self, texts):
        """The copy with other texts in the places of these files."""
        before = {file: (self.copy / file).read_bytes() for file in texts}
        for file, text in texts.items():
            (self.copy / file).write_text(text)
        try:
            yield
        finally:
            for file, text in before.items():
                (self.copy / file).write_bytes(text)

    def build_with(self, file, text):
        """Builds with this text in the place of a file. Returns whether it compiles."""
        with self.changed({file: text}):
            self.binary = self.build()
        return self.binary is not None

    def attempt(self, file, text, chosen=None, key=None):
        """Builds and tests with this text in the place of a file. Nothing if it does not compile, unless
        the compiler ran what was changed: then it has found it."""
        if self.build_with(file, text):
            return self.check(chosen, key)
        return Outcome(True, "the compiler, in a constant", 0, 0) if self.refused else None
