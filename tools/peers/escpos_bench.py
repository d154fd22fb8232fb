"""Times python-escpos on the inputs that tools/PeerBench has, and prints both side by side.

usage: escpos_bench.py PEERBENCH FOLDER
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from escpos.printer import Dummy
from PIL import Image

from escpos_inputs import DIGITS, HEIGHT, LINES, WIDTH, grey

# How many times faster ours must be.
WANTED = {"receipt": 10, "ean13-raster": 50, "image": 4, "text40": 10}


def least(make, seconds=3.0):
    """The least time of many runs, in microseconds, and the bytes: on a busy machine the least is what counts."""
    best, size, end = float("inf"), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        printer = Dummy(profile="TM-T20II")
        start = time.perf_counter()
        make(printer)
        best = min(best, time.perf_counter() - start)
        size = len(printer.output)
    return best * 1e6, size


def main(peerbench, folder):
    picture = Image.frombytes("L", (WIDTH, HEIGHT), grey())
    Path(folder, "grey").write_bytes(grey())
    Path(folder, "lines").write_text("\n".join(LINES))

    def text(p):
        for line in LINES:
            p.textln(line)
        p.cut()

    def image(p):
        p.image(picture, impl="bitImageRaster")

    def ean(p):
        p.barcode(DIGITS, "EAN13", force_software="bitImageRaster")

    def receipt(p):
        text(p)
        image(p)
        ean(p)

    theirs = {}
    for name, make in [("text40", text), ("image", image), ("ean13-raster", ean), ("receipt", receipt)]:
        theirs[name] = least(make)
    output = subprocess.run(
        [peerbench, str(Path(folder, "grey")), str(Path(folder, "lines"))], capture_output=True, text=True, check=True)
    ours = {row["case"]: row for row in map(json.loads, output.stdout.splitlines())}
    failed = False
    print("case            python-escpos 3.1          ours      ratio   bytes theirs/ours   9600 baud    115200 baud")
    for name, (slow, size) in theirs.items():
        row = ours[name]
        ratio = slow / row["microseconds"]
        failed |= ratio < WANTED[name]
        print(f"{name:15s} {slow:12.1f} us {row['microseconds']:14.2f} us {ratio:8.1f} x"
              f"   {size:6d} / {row['bytes']:6d}  {size / 960:5.1f}/{row['bytes'] / 960:4.1f} s"
              f"  {size / 11520:5.2f}/{row['bytes'] / 11520:4.2f} s" + ("" if ratio >= WANTED[name] else "  TOO SLOW"))
    for name in ours.keys() - theirs.keys():
        row = ours[name]
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items() if key != "case"))
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], sys.argv[2]) else 0)
