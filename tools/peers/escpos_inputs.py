"""What both programs print: forty lines, a grey picture of 576 x 300 dots, an EAN-13.

usage: escpos_inputs.py FOLDER, writes them there as files
"""

import sys
from pathlib import Path

LINES = [f"{number:2d} x Article number {number:04d}          {number}.{number:02d}" for number in range(1, 41)]
DIGITS = "315788232640"
WIDTH, HEIGHT = 576, 300


def grey():
    """A light gradient with texture: every level from 160 to 255."""
    return bytes(
        160 + ((x * 7 + y * 13 + ((x * y) >> 5)) % 96) for y in range(HEIGHT) for x in range(WIDTH))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "grey").write_bytes(grey())
    (folder / "lines").write_text("\n".join(LINES))
    (folder / "digits").write_text(DIGITS)
