"""What both programs print: forty lines, a grey picture of 576 x 300 dots, an EAN-13."""

LINES = [f"{number:2d} x Article number {number:04d}          {number}.{number:02d}" for number in range(1, 41)]
DIGITS = "315788232640"
WIDTH, HEIGHT = 576, 300


def grey():
    """A light gradient with texture: every level from 160 to 255."""
    return bytes(
        160 + ((x * 7 + y * 13 + ((x * y) >> 5)) % 96) for y in range(HEIGHT) for x in range(WIDTH))
