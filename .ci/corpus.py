"""The corpora of the fuzz targets: a file for each, with one input in hexadecimal digits a line.

    corpus.py unpack FILE FOLDER    writes each input into a file of its own, as the fuzzer wants it
    corpus.py pack FOLDER FILE      the other way round, the shortest first
"""

import sys
from pathlib import Path


def unpack(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = source.read_text().split("\n")[:-1]
    for number, line in enumerate(lines):
        (folder / f"{number:04}").write_bytes(bytes.fromhex(line))


def pack(folder: Path, target: Path) -> None:
    inputs = {file.read_bytes() for file in folder.iterdir()}
    lines = sorted((bytes_.hex() for bytes_ in inputs), key=lambda line: (len(line), line))
    target.write_text("".join(f"{line}\n" for line in lines))
    print(f"{target.name}: {len(lines)} inputs, {target.stat().st_size} bytes")


{"unpack": unpack, "pack": pack}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
