"""Holds what was measured against the budgets of budgets.toml, and shows that it would notice.

    budgets.py TABLE MEASURED             fails where more was measured than TABLE allows
    budgets.py TABLE MEASURED --update    first sets the budgets of TABLE anew, and their page

MEASURED has lines of row, column and number, with tabs between.
"""

import pathlib
import sys
import tomllib

FILE = pathlib.Path(__file__).with_name("budgets.toml")
PAGE = FILE.parent.parent / "src/guide/costs.md"
HEADER = """\
# What may be taken at most, and what no budget may be raised above: checked by `.ci/size`,
# `.ci/bounded` and `.ci/paths`, whose `--update` writes this file anew, and `src/guide/costs.md`.
"""
TEXT = """\
# What it costs

The checks fail if anything costs more than this. In brackets stands the limit above which no budget may
be raised. The tables are made from `.ci/budgets.toml`; `.ci/size --update`, `.ci/bounded --update` and
`.ci/paths --update` measure anew and write both.

## Text and RAM

In bytes on a Cortex-M4 (`thumbv7em-none-eabihf`, opt-level `s`, fat LTO): the text of a program
that does nothing else, and the RAM of one value. Not counted is the compiler's own text, memcpy and
64-bit division, which most firmware has anyway: up to some 1,500 bytes. The manager is measured with
all that an application can call; a program contains only what it calls.

{parts}
## Instructions and stack of a call

The most that any of 400,000 random inputs took of a `Manager<3, 8, 4, 16>`, which brought each kind
of input to every state, on an emulated Cortex-M3; the most expensive ones are counted on x86-64 too,
by callgrind. "On time" is a call at the instant that `poll_at` returned; "all overdue" is one so late
that timers of all three interfaces and of the server connection have run out. What is overdue fires
before an input, so a late input costs both. A `poll` takes one event of a backend, up to the first
notice; what the backend does itself is not counted. The stack is in bytes.

{calls}
## Ways through the code

What a program with one Ethernet interface passes: distinct functions of the crate in a debug build,
closures apart, which is what a reader has to follow; and instructions in a release build, on x86-64
by callgrind.

{paths}"""
# A budget so far above what is measured is none.
LOOSE = 1.1


def room(row, column, took):
    """How much may be taken beyond what is measured: so much that a natural change passes, and that
    not every compiler or library breaks it. The size of a small type moves for none of them."""
    if column == "RAM":
        return 128 if row.startswith("`Manager") else 0
    return took * (3 if column == "text" else 5) // 100


def cells(table):
    """The numbers of a table by row and column."""
    return {(row, column): cell for row, line in table.items() for column, cell in line.items()}


def faults(budgets, limits, measured):
    """What is wrong. Columns that this machine cannot measure are left out."""
    columns = {column for _, column in measured}
    for row, column in measured.keys() - budgets.keys():
        yield f"{column} of {row}: measured, but has no budget"
    for (row, column), budget in budgets.items():
        took = measured.get((row, column))
        if budget > limits.get((row, column), budget):
            yield f"{column} of {row}: the budget is above the limit"
        if took is None and column in columns:
            yield f"{column} of {row}: has a budget, but was not measured"
        if took is not None and took > budget:
            yield f"{column} of {row}: {took}, allowed are {budget}: over by {took - budget}"


def show(budgets, limits, measured):
    width = max(len(row) for row, _ in measured)
    print(f"{'':<{width}}{'':>14}{'measured':>10}{'budget':>9}{'limit':>9}")
    for (row, column), took in measured.items():
        budget, limit = budgets.get((row, column), 0), limits.get((row, column), "-")
        note = "  the budget can be lowered" if took * LOOSE < budget else ""
        print(f"{row:<{width}}{column:>14}{took:>10}{budget:>9}{limit:>9}{note}")


def show_planted(budgets, limits, measured):
    """Fails unless every kind of fault would be noticed."""
    tight = budgets | {name: took - 1 for name, took in measured.items()}
    over = [fault for fault in faults(tight, limits, measured) if fault.endswith(": over by 1")]
    if len(over) != len(measured):
        sys.exit(f"{len(measured)} budgets were one too small, and {len(over)} were refused")
    print(f"planted, refused: {len(over)} budgets, each one less than what was measured")
    name, took = next(iter(measured.items()))
    for budgets, limits, measured in [
        (budgets, limits, {other: took for other, took in measured.items() if other != name}),
        ({other: budget for other, budget in budgets.items() if other != name}, limits, measured),
        (budgets, limits | {name: budgets[name] - 1}, measured),
    ]:
        noticed = [fault for fault in faults(budgets, limits, measured) if name[0] in fault]
        if not noticed:
            sys.exit(f"{' of '.join(reversed(name))} was planted, and not noticed")
        print(f"planted, refused: {noticed[0]}")


def update(data, table, measured):
    """Sets the budgets of a table to what was measured and some room, none above its limit. Only
    columns that this machine cannot measure stay as they are."""
    limits, old = cells(data[table]["limits"]), data[table]["budgets"]
    columns = {column for _, column in measured}
    new = {
        row: {column: kept for column, kept in old.get(row, {}).items() if column not in columns}
        for row, _ in measured
    }
    for (row, column), took in measured.items():
        budget = took + room(row, column, took)
        new[row][column] = min(budget, limits.get((row, column), budget))
    data[table]["budgets"] = new
    FILE.write_text(dumped(data))
    PAGE.write_text(page(data))


def dumped(data):
    """The data as the file has them."""
    text = HEADER
    for name, table in data.items():
        for kind, rows in table.items():
            text += f"\n[{name}.{kind}]\n"
            for row, line in rows.items():
                numbers = ", ".join(f"{column} = {number}" for column, number in line.items())
                text += f'"{row}" = {{ {numbers} }}\n'
    return text


def page(data):
    """The page that shows the data."""
    tables = {}
    for name, table in data.items():
        limits = cells(table["limits"])
        columns = list(dict.fromkeys(column for _, column in cells(table["budgets"])))
        text = f"| | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}\n"
        for row, line in table["budgets"].items():
            shown = []
            for column in columns:
                limit = limits.get((row, column))
                number = f"{line[column]:,}" if column in line else "-"
                shown.append(f"{number} ({limit:,})" if limit else number)
            text += f"| {row} | {' | '.join(shown)} |\n"
        tables[name] = text
    return TEXT.format(**tables)


def is_stale(data, shown):
    return shown != page(data)


def main(table, file, order=""):
    data = tomllib.loads(FILE.read_text())
    measured = {}
    for line in pathlib.Path(file).read_text().splitlines():
        row, column, took = line.split("\t")
        measured[row, column] = int(took)
    if order == "--update":
        update(data, table, measured)
    budgets, limits = cells(data[table]["budgets"]), cells(data[table]["limits"])
    print(f"\n==> {table}: against their budgets\n")
    show(budgets, limits, measured)
    found = list(faults(budgets, limits, measured))
    if is_stale(data, PAGE.read_text()):
        found.append(f"{PAGE.name} does not show the budgets: --update writes it anew")
    if found:
        sys.exit("\n" + "\n".join(found))
    show_planted(budgets, limits, measured)
    if not is_stale(data, PAGE.read_text().replace(f"{next(iter(budgets.values())):,}", "0")):
        sys.exit("another number was planted in the page, and not noticed")
    print("planted, refused: a page with another number")


main(*sys.argv[1:])
