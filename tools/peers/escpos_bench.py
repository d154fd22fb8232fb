"""Times python-escpos on the inputs of escpos_inputs.py, a JSON line a case.

On a busy machine the least time of many runs is what counts.
"""

import json
import time

from escpos.printer import Dummy
from PIL import Image

from escpos_inputs import DIGITS, HEIGHT, LINES, WIDTH, grey


def measure(name, make, seconds=3.0):
    best, size, end = float("inf"), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        printer = Dummy(profile="TM-T20II")
        start = time.perf_counter()
        make(printer)
        best = min(best, time.perf_counter() - start)
        size = len(printer.output)
    print(json.dumps({"case": name, "microseconds": best * 1e6, "bytes": size}))


def main():
    picture = Image.frombytes("L", (WIDTH, HEIGHT), grey())

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

    for name, make in [("text40", text), ("image", image), ("ean13-raster", ean), ("receipt", receipt)]:
        measure(name, make)


if __name__ == "__main__":
    main()
