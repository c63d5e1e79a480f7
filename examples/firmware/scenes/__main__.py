"""Measures the firmware's image, and boots it in QEMU, scene after scene.

python3 scenes IMAGE [SCENE…]: without SCENE all of them, and the planted failures.
"""

import sys
import time

import memory
from board import Failure
from planted import PLANTED
from scenes import SCENES

sys.stdout.reconfigure(line_buffering=True)
image, wanted = sys.argv[1], sys.argv[2:]

print("\n==> firmware: memory")
memory.report(image)

for scene in SCENES:
    if wanted and scene.__name__ not in wanted:
        continue
    print(f"\n==> firmware: {scene.__name__.replace('_', ' ')}")
    start = time.monotonic()
    try:
        scene(image)
    except Failure as failure:
        sys.exit(f"{scene.__name__}: {failure}")
    print(f"    in {time.monotonic() - start:.1f} s")

for scene, told in [] if wanted else PLANTED:
    print(f"\n==> firmware: planted failure: {scene.__doc__}")
    try:
        scene(image)
    except Failure as failure:
        if told not in str(failure):
            sys.exit(f"it failed, but otherwise than planned: {failure}")
        print(f"    refused, as it must be: {failure}")
    else:
        sys.exit("it passed: this check would not notice")
