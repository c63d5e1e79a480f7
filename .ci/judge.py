"""Holds what was measured against the budgets, which are the tables of README.md's "What it costs".

    judge.py check README MEASURED     fails where more was measured than is allowed
    judge.py update README MEASURED    the README with budgets that fit what was measured
    judge.py plant README MEASURED     the README with every budget one too small

MEASURED has lines of table column, row and number, with tabs between. A cell of a table is a budget,
with its goal in brackets where there is one: `35,655 (16,384)`, or `-` where nothing is measured.
"""

import pathlib
import re
import sys

SECTION = "## What it costs"
CELL = re.compile(r"([\d,]+)(?: \(([\d,]+)\))?")
# Above what is measured, so that not every compiler breaks it, nor every library that is taken in.
# A type's size moves for none of them.
ROOM = {"RAM": 0.0}
USUAL_ROOM = 0.05
# A budget so far above what is measured is none.
LOOSE = 1.1


def number(text):
    return int(text.replace(",", ""))


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def budgets(lines):
    """Every budget: its line and column there, its name, and its cell."""
    inside, header = False, None
    for place, line in enumerate(lines):
        if line.startswith("## "):
            inside = line == SECTION
        if not inside or not line.startswith("|"):
            header = None
        elif header is None:
            header = cells(line)
        elif not line.startswith("|-"):
            row = cells(line)
            for column, cell in list(enumerate(row))[1:]:
                if cell != "-":
                    yield place, column, (header[column], row[0]), cell


def split(name, cell):
    """Budget and goal."""
    parts = CELL.fullmatch(cell)
    if not parts:
        sys.exit(f"{' of '.join(name)}: `{cell}` is no budget")
    return number(parts[1]), parts[2] and number(parts[2])


def check(lines, measured):
    columns = {column for column, _ in measured}
    rows = {name: split(name, cell) for _, _, name, cell in budgets(lines) if name[0] in columns}
    faults = [f"{' of '.join(name)}: measured, but has no budget" for name in measured if name not in rows]
    width = max(len(row) for _, row in measured)
    print(f"{'':<{width}}{'':>11}{'measured':>10}{'budget':>9}{'goal':>8}")
    for name, (budget, goal) in rows.items():
        column, row = name
        if name not in measured:
            faults.append(f"{column} of {row}: has a budget, but was not measured")
            continue
        took, note = measured[name], ""
        if took > budget:
            note = f"over by {took - budget}"
            faults.append(f"{column} of {row}: {took}, allowed are {budget}: {note}")
        elif took * LOOSE < budget:
            note = "the budget can be lowered"
        elif goal and took > goal:
            note = f"{took - goal} above the goal"
        print(f"{row:<{width}}{column:>11}{took:>10}{budget:>9}{goal or '-':>8}  {note}".rstrip())
    if faults:
        sys.exit("\n" + "\n".join(faults))


def fitting(column, took, goal):
    budget = int(took * (1 + ROOM.get(column, USUAL_ROOM)))
    # A goal that is reached is kept.
    return min(budget, goal) if goal and took <= goal else budget


def rewritten(lines, measured, budget_of):
    for place, column, name, cell in list(budgets(lines)):
        if name in measured:
            _, goal = split(name, cell)
            row = cells(lines[place])
            row[column] = f"{budget_of(name[0], measured[name], goal):,}" + (f" ({goal:,})" if goal else "")
            lines[place] = f"| {' | '.join(row)} |"
    print("\n".join(lines))


def main(order, readme, file):
    lines = pathlib.Path(readme).read_text().splitlines()
    measured = {}
    for line in pathlib.Path(file).read_text().splitlines():
        column, row, took = line.split("\t")
        measured[column, row] = int(took)
    if order == "check":
        check(lines, measured)
    elif order == "update":
        rewritten(lines, measured, fitting)
    elif order == "plant":
        rewritten(lines, measured, lambda column, took, goal: took - 1)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
