"""Many mutants in one build: every function has one body for each of them, and the environment
variable SWITCH says which of them runs (see .ci/mutants.py).

What a constant is made of stays as it is, because no variable can be read there. So a mutant that is
found here is found, and one that is not has to be tried on its own. A file that the tests include with
`#[path]` runs in them too: there a function is judged that the crate runs at compile time only.
"""

import collections, contextlib, itertools, json, re

SWITCH = "LANKEEPER_PLANTED"
# With so many mutants it pays to optimise what is built once and runs often.
WORTH = 150
# Reads the number once; where the compiler evaluates a call there is none.
MODULE = """
#[doc(hidden)]
pub mod planted {
    extern crate std;
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static NUMBER: AtomicU32 = AtomicU32::new(u32::MAX);
    const fn none() -> u32 {
        0
    }
    fn read() -> u32 {
        let known = NUMBER.load(Relaxed);
        if known != u32::MAX {
            return known;
        }
        let read = std::env::var("LANKEEPER_PLANTED").ok().and_then(|text| text.parse().ok());
        NUMBER.store(read.unwrap_or(0), Relaxed);
        read.unwrap_or(0)
    }
    #[inline]
    pub const fn number() -> u32 {
        core::intrinsics::const_eval_select((), none, read)
    }
    /// One of two iterators, where a function does not name its type.
    #[derive(Clone)]
    pub enum Either<A, B> {
        Planted(A),
        Other(B),
    }
    impl<T, A: Iterator<Item = T>, B: Iterator<Item = T>> Iterator for Either<A, B> {
        type Item = T;
        fn next(&mut self) -> Option<T> {
            match self {
                Self::Planted(items) => items.next(),
                Self::Other(items) => items.next(),
            }
        }
    }
}
"""
# The root of the tests, in which a file of the crate may be a module.
TESTS = "tests/main.rs"
IN_TESTS = "\n#[allow(unused_imports)]\nuse lankeeper::planted;\n"
FEATURES = "#![feature(const_eval_select, core_intrinsics)]\n#![allow(internal_features, warnings)]\n"


def offset(starts, place):
    return starts[place["line"] - 1] + place["column"] - 1


def body_of(function):
    """Where the body of a function begins, after its brace; nothing for what is too unusual."""
    depth = 0
    for at in range(re.search(r"\bfn\b", function).end(), len(function)):
        if function[at] in "([":
            depth += 1
        elif function[at] in ")]":
            depth -= 1
        elif function[at] == "{" and depth == 0:
            return at + 1
    return None


def woven(text, mutants):
    """The text of a file with all its mutants, and the lines of each: (first, last, number)."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    functions = collections.defaultdict(list)
    for number, mutant in mutants:
        # The bodies of a function with another opaque type would have to have the same.
        if mutant.function and (is_iterator(mutant) or "impl " not in mutant.function["return_type"]):
            span = mutant.function["span"]
            functions[offset(starts, span["start"]), offset(starts, span["end"])].append((number, mutant))
    out, lines, done = "", [], 0
    for (start, end), inside in sorted(functions.items()):
        function = text[start:end]
        body = body_of(function)
        # A function in a function is left out, it would be there many times.
        if start < done or body is None or "{" not in function:
            continue
        # Its bodies are closures: what leaves one before its end has the type of that one.
        opaque = is_iterator(inside[0][1])
        out += text[done : start + body] + "\nmatch crate::planted::number() {\n"
        depth = 0
        for number, mutant in inside:
            first, last = offset(starts, mutant.span["start"]), offset(starts, mutant.span["end"])
            if first < start + body:
                continue
            changed = text[start + body : first] + mutant.replacement + text[last : end - 1]
            begin = out.count("\n") + 1
            if opaque:
                out += f"{number} => crate::planted::Either::Planted((move || {{ {changed} }})()),\n"
                out += "_ => crate::planted::Either::Other(match crate::planted::number() {\n"
                depth += 1
            else:
                out += f"{number} => {{ {changed} }}\n"
            lines.append((begin, out.count("\n"), number))
        whole = f"{{ {function[body:-1]} }}"
        out += f"_ => {f'(move || {whole})()' if opaque else whole}\n" + "})" * depth + "}\n}"
        done = end
    return out + text[done:], lines


def is_iterator(mutant):
    """Whether its function returns an iterator without a name for its type."""
    return bool(mutant.function) and bool(re.match(r"(-> *)?impl Iterator\b", mutant.function["return_type"]))


def errors(said):
    """The places of the errors of a build: lists of (file, line), one for each error."""
    for message in map(json.loads, filter(lambda line: line.startswith("{"), said.splitlines())):
        told = message.get("message")
        if message.get("reason") == "compiler-message" and told["level"] == "error" and told["spans"]:
            spans = sorted(told["spans"], key=lambda span: not span["is_primary"])
            yield [place for span in spans for place in places(span)]


def places(span):
    while span:
        yield span["file_name"], span["line_start"]
        span = span["expansion"] and span["expansion"]["span"]


class Woven:
    """A program with all of these mutants that compile."""

    def __init__(self, bench, mutants):
        self.bench, self.unviable, self.program, self.sound = bench, set(), None, {}
        self.numbers = {mutant.key: number for number, mutant in enumerate(mutants, 1)}
        left = dict(enumerate(mutants, 1))
        while left and self.program is None:
            texts, arms = self.texts(left)
            bad, self.program = self.build(texts, arms)
            left = {number: mutant for number, mutant in left.items() if number not in bad}
            if not self.program and not bad:
                break
            self.unviable |= {mutants[number - 1].key for number in bad}
        self.present = {number for inside in arms.values() for *_, number in inside} if self.program else set()

    def texts(self, mutants):
        texts, arms = {}, {}
        for file in {mutant.file for mutant in mutants.values()}:
            inside = [(number, mutant) for number, mutant in mutants.items() if mutant.file == file]
            texts[file], arms[file] = woven((self.bench.copy / file).read_text(), inside)
        texts[TESTS] = (self.bench.copy / TESTS).read_text() + IN_TESTS
        root = "src/lib.rs"
        texts[root] = FEATURES + texts.get(root, (self.bench.copy / root).read_text()) + MODULE
        shift = FEATURES.count("\n")
        arms[root] = [(first + shift, last + shift, it) for first, last, it in arms.get(root, [])]
        return texts, arms

    def build(self, texts, arms):
        """The numbers of those that do not compile; if there are none, the program."""
        # What the compiler allows more is for this package alone: its dependencies stay as they are.
        wrapper = self.bench.folder / "bootstrap"
        wrapper.write_text('#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec "$@"\n')
        wrapper.chmod(0o755)
        own = {"RUSTC_WORKSPACE_WRAPPER": str(wrapper)}
        own |= {"CARGO_PROFILE_DEV_OPT_LEVEL": "1" if len(self.numbers) > WORTH else "0"}
        print("woven:", sum(map(len, arms.values())), "mutants", flush=True)
        with self.bench.changed(texts):
            checked = self.bench.cargo("check", **own)
            if checked.returncode == 0:
                built = self.bench.cargo("test", "--no-run", **own)
                if program := self.bench.program(built):
                    return set(), program
                checked = built
        bad = set()
        for places in errors(checked.stdout):
            hits = (number for file, line in places for first, last, number in arms.get(file, []) if first <= line <= last)
            bad |= set(itertools.islice(hits, 1))
        if not bad:
            print("woven, nothing of this compiles:", checked.stderr[-2000:])
        return bad, None

    @contextlib.contextmanager
    def switched(self, number):
        """The bench with this program, in which this mutant runs."""
        kept = {name: getattr(self.bench, name) for name in ("binary", "original", "sound", "environment")}
        mine = {"binary": self.program, "original": self.program, "sound": self.sound}
        vars(self.bench).update(mine | {"environment": {SWITCH: str(number)}})
        try:
            yield
        finally:
            vars(self.bench).update(kept)

    def attempt(self, mutant, chosen=None):
        """What the tests find of it; nothing if it is not in the program."""
        number = self.numbers[mutant.key]
        if number not in self.present:
            return None
        with self.switched(number):
            return self.bench.check(chosen, mutant.file)
