"""Plants the faults of this folder one by one, and shows who finds each (see .ci/faults/run)."""

import argparse, collections, os, pathlib, random, re, subprocess, sys, time, tomllib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from bench import ROOT, Bench, run  # noqa: E402

LEAST = 60
# The witness of a fault with which the crate does not compile, because it checks itself.
COMPILER = "the compiler"
RELEASE_SECONDS = 600


def faults():
    """All faults, each with the text of its file before and after."""
    for path in sorted(HERE.glob("*.toml")):
        for fault in tomllib.loads(path.read_text())["fault"]:
            text = (ROOT / fault["file"]).read_text()
            if text.count(fault["old"]) != 1:
                sys.exit(f"{path.name}: {fault['rule']}: {text.count(fault['old'])} times in {fault['file']}: {fault['old']!r}")
            if fault["old"] == fault["new"]:
                sys.exit(f"{path.name}: {fault['rule']}: changes nothing")
            yield fault, text.replace(fault["old"], fault["new"])


def citations():
    """Each rule with the tests that cite it, and all functions of each module of the tests."""
    found, tests = collections.defaultdict(set), collections.defaultdict(set)
    for path in (ROOT / "tests").rglob("*.rs"):
        module = "::".join(path.relative_to(ROOT / "tests").with_suffix("").parts)
        module = module.removesuffix("::mod")
        rules = []
        for line in path.read_text().split("\n"):
            if cited := re.match(r"\s*// spec: (.*)", line):
                rules += re.findall(r"[A-Z]+-\d+", cited[1])
            elif name := re.match(r"\s*(?:pub(?:\(.*\))? )?fn (\w+)", line):
                tests[module].add(f"{module}::{name[1]}")
                for rule in rules:
                    found[rule].add(f"{module}::{name[1]}")
                rules = []
    return found, tests


def model(bench, steps):
    """The step at which the model differs, or nothing if it agrees with the changed code."""
    environment = os.environ | {"LANKEEPER_MODEL_STEPS": str(steps), "PROPTEST_MAX_SHRINK_ITERS": "0"}
    try:
        told = subprocess.run(
            [bench.binary, "model::", "--nocapture"],
            cwd=bench.copy,
            env=environment,
            text=True,
            capture_output=True,
            timeout=RELEASE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    if told.returncode == 0:
        return None
    step = re.search(r"[Ss]tep (\d+)", told.stderr + told.stdout)
    return int(step[1]) if step else "?"


def find(bench, fault, text, cited, steps):
    """Who finds a fault, and after how many steps (of the model) or tests."""
    if steps:
        outcome = bench.build_with(fault["file"], text)
        if not outcome:
            return None, "does not compile: " + bench.said[-900:]
        step = model(bench, steps)
        if step is not None:
            return "the model", f"step {step}"
    if not steps and not bench.build_with(fault["file"], text):
        if bench.refused:
            return COMPILER, "a constant"
        return None, "does not compile: " + bench.said[-900:]
    if fault.get("witness") == COMPILER:
        return None, "it compiles"
    if "witness" in fault:
        if fault["witness"] not in bench.times:
            sys.exit(f"{fault['rule']}: there is no test {fault['witness']}")
        chosen = {fault["witness"]}
    else:
        chosen = cited[fault["rule"]]
    outcome = bench.check(chosen)
    if outcome.found:
        return outcome.by, f"{outcome.tests} of {len(chosen)}"
    return None, f"{outcome.tests} of {len(chosen)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["run", "list", "planted"])
    parser.add_argument("--model", type=int, default=0, metavar="STEPS")
    parser.add_argument("--any", action="store_true", help="look beyond the tests that cite the rule")
    parser.add_argument("--minutes", type=float, help="some of them, drawn by the commit")
    parser.add_argument("--new", action="store_true", help="only those without a witness")
    parser.add_argument("rules", nargs="*")
    options = parser.parse_intermixed_args()
    every, (cited, tests_of) = list(faults()), citations()
    if options.what == "planted":
        # A change that no test can notice: it must be reported as not found.
        text = (ROOT / "src/lib.rs").read_text()
        every = [({"rule": "TIME-1", "story": "only a comment", "file": "src/lib.rs"}, text + "\n// Planted.\n")]
    else:
        rules = {fault["rule"] for fault, _ in every}
        print(f"{len(every)} faults for {len(rules)} rules")
        if len(rules) < LEAST:
            sys.exit(f"fewer than {LEAST} rules")
        known = set(re.findall(r"^- ([A-Z]+-\d+) ", (ROOT / "src/spec.md").read_text(), re.M))
        if unknown := rules - known:
            sys.exit(f"no such rules: {' '.join(sorted(unknown))}")
        tests = {COMPILER} | {test for named in tests_of.values() for test in named}
        for fault, _ in every:
            if not options.new and fault.get("witness") not in tests:
                sys.exit(f"{fault['rule']}: no such test: {fault.get('witness')}")
        if options.what == "list":
            return
    if options.minutes:
        # A draw of its own for each commit, where there is one.
        commit = run("git", "rev-parse", "HEAD", cwd=ROOT).stdout
        random.Random(commit).shuffle(every)
    bench, lost = Bench(release=options.model > 0), []
    begin = time.monotonic()
    for index, (fault, text) in enumerate(every):
        if options.minutes and time.monotonic() - begin > options.minutes * 60:
            print(f"{len(every) - index} of {len(every)} were left: the time was over")
            break
        if options.rules and fault["rule"] not in options.rules:
            continue
        if options.new and "witness" in fault:
            continue
        by, steps = find(bench, fault, text, cited, options.model)
        if by is None and options.any:
            outcome = bench.check()
            by = outcome.by and f"(elsewhere) {outcome.by}"
        print(f"| {fault['rule']} | {fault['story']} | {by or 'NOBODY'} | {steps} |", flush=True)
        if by is None:
            lost.append(fault["rule"])
    if lost:
        sys.exit(f"nobody finds {len(lost)} faults: {' '.join(lost)}")


if __name__ == "__main__":
    os.environ.setdefault("CARGO_TERM_COLOR", "never")
    main()
