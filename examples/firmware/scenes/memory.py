"""What an image takes of flash and RAM, and which part of that is lankeeper's."""

import collections
import pathlib
import re
import subprocess

EXAMPLE = pathlib.Path("examples/firmware")
PAINT = b"\xcc" * 4
# The symbols of lankeeper's own functions and constants. What is compiled for the example's backend
# contains code of it, so only its lines count: `driver`, where names have no type parameters.
OURS = re.compile(r"<?&?lankeeper::(?!driver::)(?!.*firmware::)")


def lines_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def symbols(image):
    """Address, size, kind and name of everything in the image that has a size."""
    for line in lines_of("nm", "-C", "-S", image):
        word = line.split(maxsplit=3)
        if len(word) == 4 and len(word[2]) == 1:
            yield int(word[0], 16), int(word[1], 16), word[2], word[3]


def address(image, name):
    for line in lines_of("nm", image):
        word = line.split()
        if word[-1] == name:
            return int(word[0], 16)
    raise KeyError(name)


def sections(image):
    """The bytes of text, data and bss."""
    total = collections.Counter()
    for line in lines_of("size", "-A", image):
        word = line.split()
        if len(word) != 3 or not word[0].startswith("."):
            continue
        name, length = word[0], int(word[1])
        if name in (".vector_table", ".text", ".rodata"):
            total["text"] += length
        elif name == ".data":
            total["data"] += length
        elif name in (".bss", ".uninit"):
            total["bss"] += length
    return total


def our_lines(image):
    """The stretches of code that come from lankeeper's sources, wherever they were inlined."""
    ours, begin = False, None
    for line in lines_of("readelf", "-W", "--debug-dump=decodedline", image):
        word = line.split()
        if len(word) == 1 and word[0].endswith(":") or line.startswith("CU: "):
            # A relative path is lankeeper's or the example's.
            path = pathlib.Path(word[-1].rstrip(":"))
            here = not path.is_absolute() and path.exists() and not (EXAMPLE / path).exists()
            ours = here and path.parts[0] == "src"
        elif len(word) >= 3 and word[2].startswith("0x"):
            place = int(word[2], 16)
            if begin is not None and place > begin:
                yield begin, place
            # The last row of a sequence, `-`, is an end only.
            begin = place if ours and word[1] != "-" else None


def share(image):
    """Bytes of text, data and bss that are lankeeper's: its own functions and tables, and what of
    its sources was inlined elsewhere. Texts of messages are not counted: they have no names."""
    total, own = collections.Counter(), set()
    for begin, length, kind, name in symbols(image):
        if kind in "tTwWvV" and OURS.match(name):
            own.update(range(begin, begin + length))
        elif kind in "rR" and OURS.match(name):
            total["text"] += length
        elif kind in "bB" and name.endswith("::DEVICE"):
            total["bss"] += length
    for begin, end in our_lines(image):
        own.update(range(begin, end))
    total["text"] += len(own)
    return total


def report(image):
    whole, ours = sections(image), share(image)
    print(f"{'bytes':<16}{'text':>8}{'data':>8}{'bss':>8}")
    for name, part in [("image", whole), ("  lankeeper", ours)]:
        print(f"{name:<16}{part['text']:>8}{part['data']:>8}{part['bss']:>8}")
    if not 4096 < ours["text"] < whole["text"] or not ours["bss"]:
        raise SystemExit("that is no share: this measures something else")


def stack_used(board, image):
    """How far down the stack ever came: the paint of cortex-m-rt is gone there."""
    end, start = address(image, "_stack_end"), address(image, "_stack_start")
    memory = board.memory(end, start - end)
    for offset in range(0, len(memory), 4):
        if memory[offset : offset + 4] != PAINT:
            return len(memory) - offset, len(memory)
    raise SystemExit("the stack was never used: this measures something else")
