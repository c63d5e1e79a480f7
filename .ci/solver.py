"""Has z3 prove the claims of tests/limiter/solver for each quota (see .ci/solver)."""

import pathlib, re, subprocess, sys, time

FOLDER = pathlib.Path("tests/limiter/solver")
WORDS, BUCKET, EXACT, CLAIMS, DIVIDE = (
    (FOLDER / f"{name}.smt2").read_text()
    for name in ("words", "bucket", "exact", "claims", "divide")
)
UNKNOWN = "credit at now tokens shorter rate burst".split()
HIGHEST_RATE, HIGHEST_BURST = 1_000_000, 2**32 - 1
# Those in the documentation, the examples, the benchmarks and the tests, and the ends of the range.
QUOTAS = [
    (25, 100), (25, 25), (25, 1), (25, 1_000), (25, HIGHEST_BURST), (10, 50), (16, 100), (1, 1),
    (1, 2), (1, 3), (1, 5), (1, HIGHEST_BURST), (2, 3), (2, 7), (2, 9), (5, 4_000_000_000),
    (999_983, HIGHEST_BURST), (999_999, 2), (HIGHEST_RATE, 1), (HIGHEST_RATE, HIGHEST_BURST),
]
SECONDS = 20


def read(text):
    """The expressions of a file: lists of lists of words."""
    stack = [[]]
    for word in re.findall(r"[()]|[^\s();]+", re.sub(r";.*", "", text)):
        if word == "(":
            stack.append([])
        elif word == ")":
            stack[-2].append(stack.pop())
        else:
            stack[-1].append(word)
    (expressions,) = stack
    return expressions


def write(expression):
    if isinstance(expression, str):
        return expression
    return "(" + " ".join(map(write, expression)) + ")"


def fits(expression, checked):
    """That no operation in this expression reaches the end of its type, if it must not."""
    if isinstance(expression, str):
        return [expression + ".fits"] if expression in checked else []
    head, *rest = expression
    if head == "let":
        bound, body = rest
        inner = fits(body, checked)
        outer = [fact for _, value in bound for fact in fits(value, checked)]
        return outer + ([["let", bound, ["and", "true", *inner]]] if inner else [])
    if head == "ite":
        yes, no = (["and", "true", *fits(branch, checked)] for branch in rest[1:])
        return [*fits(rest[0], checked), ["ite", rest[0], yes, no]]
    facts = [fact for argument in rest for fact in fits(argument, checked)]
    return facts + ([[head + ".fits", *rest]] if head in checked else [])


def with_fits(bucket):
    """The formula, and for each of its functions NAME another one, NAME.fits."""
    checked = {line[1][: -len(".fits")] for line in read(WORDS) if line[1].endswith(".fits")}
    known = {line[1] for line in read(WORDS)}
    lines = []
    for line in read(bucket):
        _, name, parameters, _, body = line
        for operation in re.findall(r"\b(?:u64|u32)\.[a-z]\w*!?", write(body)):
            if operation not in known:
                sys.exit(f"{operation}: not in words.smt2")
        holds = ["and", "true", *fits(body, checked)]
        lines += [line, ["define-fun", name + ".fits", parameters, "Bool", holds]]
        checked.add(name)
    return "\n".join(map(write, lines))


def formula(bucket):
    """The formula for claims.smt2, which knows of a division only what divide.smt2 proves."""
    text = with_fits(bucket)
    start, end = (text.index(f"(define-fun {name} ") for name in ("divide_long", "retry.wait"))
    contract = """
        (declare-fun divide (Int Int) Int)
        (define-fun divide.fits ((number Int) (by Int)) Bool
          (and (<= 0 number) (< number 1152921504606846976) (<= 1 by) (< by 1048576)))
    """
    return text[:start] + contract + text[end:]


def long_division(bucket):
    """Ends the script unless the long division is what divide.smt2 takes it for."""
    (body,) = (line[4] for line in read(bucket) if line[1] == "divide_long")
    expected = ["round.digits", "digits", "rest", "by"]
    for _ in range(4):
        again = [[word, [f"round.{word}", "digits", "rest", "by"]] for word in ("digits", "rest")]
        expected = ["let", again, expected]
    first = [["digits", ["u64.shl4", "number"]], ["rest", "0"]]
    if body != ["let", first, expected]:
        sys.exit("divide_long is not five rounds")


def number(name, value, highest):
    """A number of a quota, or one that can be anything."""
    if value is None:
        return f"(declare-const {name} Int) (assert (and (<= 1 {name}) (<= {name} {highest})))"
    return f"(define-fun {name} () Int {value})"


def for_quota(bucket, rate, burst):
    numbers = number("rate", rate, HIGHEST_RATE) + number("burst", burst, HIGHEST_BURST)
    return "\n".join([numbers, WORDS, formula(bucket), EXACT, CLAIMS])


def for_round(bucket, index):
    text = with_fits(bucket)
    place, room = 2 ** (12 * index), 2 ** (48 - 12 * index)
    digits = f"(+ (* digit {2**52}) (* tail {place} 16) quotient)"
    made = f"(define-fun place () Int {place}) (define-fun room () Int {room})"
    made += f"(define-fun digits () Int {digits})"
    before, after = DIVIDE.split("(define-fun part ", 1)
    # Without the whole of the division, which z3 would expand for a long time.
    rounds = text[: text.index("(define-fun divide_long ")]
    return "\n".join([WORDS, rounds, before, made, "(define-fun part " + after])


def named(kind, text):
    return re.findall(rf"^\(define-fun ({kind}\.[\w.]+) \(\)", text, re.M)


def ask(program, fact, unknown=()):
    """What z3 says of a fact, and with which numbers it can be."""
    program += f"\n(assert {fact}) (check-sat)"
    program += f"(get-value ({' '.join(unknown)}))" if unknown else ""
    done = subprocess.run(
        ["z3", f"-T:{SECONDS}", "-in"], input=program, capture_output=True, text=True, check=False
    )
    answer, _, values = done.stdout.strip().partition("\n")
    if answer not in ("sat", "unsat", "unknown", "timeout"):
        sys.exit(f"z3: {done.stdout}")
    return answer, values


def prove(program, claims, unknown):
    """The first claim that z3 does not prove, its answer and the numbers; or None."""
    for claim in claims:
        answer, values = ask(program, f"(not {claim})", unknown)
        if answer != "unsat":
            return claim, answer, values
        if claim.startswith("claim.round"):
            program += f"\n(assert {claim})"
    return None


def whole(bucket, quotas):
    """The first thing that is not proven of this formula, or None."""
    for index in range(5):
        unknown = "by quotient rest digit tail number".split()
        failed = prove(for_round(bucket, index), named("claim", DIVIDE), unknown)
        if failed:
            return f"round {index + 1} of the division", *failed
    for rate, burst in quotas:
        failed = prove(for_quota(bucket, rate, burst), named("claim", CLAIMS), UNKNOWN)
        if failed:
            return shown(rate, burst), *failed
    return None


def shown(rate, burst):
    return "every rate and burst" if rate is None else f"{rate} per second, burst {burst}"


def planted():
    """Name, wrong formula: what planted.txt makes of bucket.smt2."""
    for block in (FOLDER / "planted.txt").read_text().strip().split("\n\n"):
        name, old, new = block.split("\n")
        text = re.sub(r"\s+", " ", re.sub(r";.*", "", BUCKET))
        if text.count(old) != 1:
            sys.exit(f"{name}: not exactly one place for it")
        yield name, text.replace(old, new)


def numbers(values):
    pairs = re.findall(r"\((\w+) ([^()]+|\(.*?\))\)", values)
    return ", ".join(f"{name} {value}" for name, value in pairs)


def show_proofs():
    long_division(BUCKET)
    claims = named("claim", CLAIMS)
    for rate, burst in QUOTAS:
        start = time.monotonic()
        program = for_quota(BUCKET, rate, burst)
        # All at once, and one by one only to name the one that fails.
        failed = prove(program, ["(and " + " ".join(claims) + ")"], UNKNOWN)
        failed = failed and (prove(program, claims, UNKNOWN) or failed)
        if failed:
            sys.exit(f"{shown(rate, burst)}: {failed[0]}: {failed[1]}: {numbers(failed[2])}")
        print(f"{shown(rate, burst):<40}{time.monotonic() - start:5.1f} s")
    start = time.monotonic()
    failed = whole(BUCKET, [(None, None)])
    if failed:
        sys.exit(f"{failed[0]}: {failed[1]}: {failed[2]}: {numbers(failed[3])}")
    print(f"{'every rate and burst':<40}{time.monotonic() - start:5.1f} s")
    for fact in named("possible", CLAIMS):
        if ask(for_quota(BUCKET, 25, 100), fact)[0] != "sat":
            sys.exit(f"{fact}: it is not, and so the claims say less than they seem to")
    rounds = len(named("claim", DIVIDE))
    print(f"{len(claims)} claims, and {rounds} for each round of the long division")


def show_refutations():
    for name, bucket in planted():
        failed = whole(bucket, [(25, 100)])
        if failed is None or failed[2] != "sat":
            sys.exit(f"{name}: not refuted: {failed}")
        print(f"{name}: refuted, as it must be\n    {failed[0]}, {failed[1]}: {numbers(failed[3])}")


if __name__ == "__main__":
    {"prove": show_proofs, "planted": show_refutations}[sys.argv[1]]()
