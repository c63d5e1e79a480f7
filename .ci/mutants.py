"""Changes the sources as cargo-mutants says, and runs the tests for each change (see .ci/mutants)."""

import argparse, collections, hashlib, json, os, pathlib, random, re, sys, time, tomllib

from bench import ROOT, TARGET, Bench, run
from schemata import Woven, is_iterator

RESULTS = TARGET / "bite" / "mutants.jsonl"
REASONS = ROOT / ".ci" / "mutants.toml"
# At most so many mutants are in one build.
TOGETHER = 400
FIELDS = "file name line number text changes key function span replacement"


class Mutant(collections.namedtuple("Mutant", FIELDS)):
    def is_constant(self):
        """Whether the compiler may have run its function already, without the mutant."""
        if not self.function:
            return True
        lines = (ROOT / self.file).read_text().split("\n")
        head = "\n".join(lines[self.function["span"]["start"]["line"] - 1 :])
        return "const" in head[: re.search(r"\bfn\b", head).end()]


def apply(text, diff):
    """The text after a diff, which must fit exactly."""
    lines, out, at = text.split("\n"), [], 0
    for line in diff.rstrip("\n").split("\n")[2:]:
        if hunk := re.match(r"@@ -(\d+)", line):
            start = int(hunk[1]) - 1
            out += lines[at:start]
            at = start
        elif line.startswith("+"):
            out.append(line[1:])
        else:
            if at >= len(lines) or lines[at] != line[1:]:
                sys.exit(f"a diff does not fit: {line}")
            out += [line[1:]] * line.startswith(" ")
            at += 1
    return "\n".join(out + lines[at:])


def mutants(files):
    """Those of the tool in these files. A name says what is done in which function, a line to what."""
    wanted = [option for file in files for option in ("-f", file)]
    # A test itself: what is simulated is judged by what it finds.
    left_out = ["-e", "src/sim/**"]
    options = ["--list", "--diff", "--json", *left_out, *wanted]
    listed = run("cargo", "mutants", *options, cwd=ROOT, check=True).stdout
    for entry in json.loads(listed):
        file, diff = entry["file"], entry["diff"]
        name = diff.split("\n", 2)[1].removeprefix("+++ ")
        changes = range(entry["span"]["start"]["line"], entry["span"]["end"]["line"] + 1)
        text = (ROOT / file).read_text()
        line = text.split("\n")[changes[0] - 1].strip()
        key = hashlib.sha256((file + name + diff).encode()).hexdigest()[:16]
        changed = lambda text=text, diff=diff: apply(text, diff)
        place = entry["function"], entry["span"], entry["replacement"]
        yield Mutant(file, name, line, changes[0], changed, changes, key, *place)


def reasons():
    return tomllib.loads(REASONS.read_text()).get("equal", []) if REASONS.exists() else []


def reason(mutant, known):
    """The entry of the list for a mutant that no test finds."""
    for entry in known:
        same = entry["file"] == mutant.file and entry["mutant"] == mutant.name
        if same and entry.get("line", mutant.line) == mutant.line:
            return entry
    return None


def changed_lines(base):
    """The lines of each file in src that are new since then."""
    options = ["--unified=0", "--no-color", "--diff-filter=d", base, "--", "src"]
    lines, file = {}, None
    for line in run("git", "diff", *options, cwd=ROOT, check=True).stdout.split("\n"):
        if line.startswith("+++ b/"):
            file = line[len("+++ b/") :]
            lines[file] = set()
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            lines[file] |= set(range(start, start + count))
    names = {file for file in lines if file.endswith(".rs") and not file.startswith("src/sim/")}
    return {file: lines[file] for file in sorted(names)}


def load():
    """What is known from runs before; what no test has found may have one now."""
    if not RESULTS.exists():
        return {}
    entries = map(json.loads, RESULTS.read_text().splitlines())
    return {entry["key"]: entry for entry in entries if entry["verdict"] != "missed"}


def outcomes(chosen, tests, known):
    """What becomes of each: an outcome of the tests, or nothing if it does not compile."""
    bench = Bench()
    names = tests and tests(bench)
    for first in range(0, len(chosen), TOGETHER):
        batch = chosen[first : first + TOGETHER]
        woven = Woven(bench, batch)
        for mutant in batch:
            outcome = woven.attempt(mutant, names)
            if outcome is None and mutant.key in woven.unviable:
                yield mutant, None
            elif outcome and (outcome.found or not mutant.is_constant() or reason(mutant, known)):
                yield mutant, outcome
            else:
                yield mutant, bench.attempt(mutant.file, mutant.text(), names, mutant.file)


def entry_of(mutant, outcome):
    """A line of the results."""
    verdict = "unviable" if outcome is None else "caught" if outcome.found else "missed"
    entry = {"key": mutant.key, "file": mutant.file, "line": mutant.number, "mutant": mutant.name}
    entry |= {"verdict": verdict, "by": outcome and outcome.by}
    return entry | {"seconds": outcome and round(outcome.seconds, 1)}


def judge(chosen, seconds=None, done=None, tests=None):
    """Tries the mutants, writes down what becomes of each, and gives those that nobody explains."""
    known, counts, open_ = reasons(), collections.Counter(), []
    known_before = [it for it in chosen if it.key in (done or {})]
    new = [it for it in chosen if it.key not in (done or {})]
    entries = [(mutant, done[mutant.key]) for mutant in known_before]
    begin = time.monotonic()
    for mutant, outcome in outcomes(new, tests, known) if new else ():
        entry = entry_of(mutant, outcome)
        entries.append((mutant, entry))
        if done is not None:
            with RESULTS.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        if outcome is not None:
            print(f"{mutant.file}:{mutant.number}: {mutant.name}: {entry['by'] or 'NOBODY'}", flush=True)
        if seconds is not None and time.monotonic() - begin > seconds:
            print(f"{len(chosen) - len(entries)} of {len(chosen)} were left: the time was over")
            break
    for mutant, entry in entries:
        verdict = entry["verdict"]
        if verdict == "missed" and reason(mutant, known):
            verdict = "equal"
        elif verdict == "missed":
            open_.append(mutant)
        elif verdict == "caught" and (entry["by"] or "").startswith("hangs"):
            verdict = "hangs"
        counts[verdict] += 1
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "none")
    return open_


def finish(open_):
    for mutant in open_:
        print(f"\n[[equal]]\nfile = {json.dumps(mutant.file)}\nmutant = {json.dumps(mutant.name)}")
        print(f"line = {json.dumps(mutant.line)}")
    if open_:
        sys.exit(f"{len(open_)} mutants are found by no test, and no reason stands in {REASONS.name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["all", "changed", "planted", "stale"])
    parser.add_argument("--base", default="HEAD^")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--shard", default="0/1")
    parser.add_argument("files", nargs="*")
    options = parser.parse_intermixed_args()
    seconds = options.minutes and options.minutes * 60
    if options.what == "all":
        shard, shards = map(int, options.shard.split("/"))
        chosen = [it for file in options.files or ["src/**"] for it in mutants([file])]
        finish(judge(chosen[shard::shards], seconds, load()))
    elif options.what == "changed":
        changed = changed_lines(options.base)
        print(f"changed since {options.base}:", *changed)
        chosen = list(mutants(changed)) if changed else []
        # Those in what is new come first, the others of the same files in any order.
        random.Random(options.base).shuffle(chosen)
        chosen.sort(key=lambda it: changed[it.file].isdisjoint(it.changes))
        finish(judge(chosen, seconds))
    elif options.what == "stale":
        everything = list(mutants(["src/**"]))
        stale = [it for it in reasons() if not any(reason(mutant, [it]) for mutant in everything)]
        for entry in stale:
            print(f"{entry['file']}: {entry['mutant']}")
        if stale:
            sys.exit("there are no such mutants: take them from the list")
    else:
        # Without the tests of addresses nobody can notice what is wrong with them: one that the compiler
        # may have run, and one with an opaque type. A table that is not checked does not compile.
        unseen = [it for it in mutants(["src/ipv4/quad.rs"]) if it.name.endswith("with None")][:1]
        unseen += filter(is_iterator, mutants(["src/ipv4/config.rs"]))
        refused = [it for it in mutants(["src/interface/table.rs"]) if "< with ==" in it.name][:1]
        tests = lambda bench: {name for name in bench.times if name.startswith("time::")}
        finish(judge(unseen + refused, tests=tests))


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    os.environ.setdefault("CARGO_TERM_COLOR", "never")
    main()
