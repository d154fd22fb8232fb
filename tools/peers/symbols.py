"""Reads what `posctl barcode` draws with zxing-cpp and zbar; argv[1] is posctl."""

import os
import subprocess
import sys
import tempfile

import zxingcpp
from PIL import Image

# Command, data, what a reader says, and the format as zxing-cpp and zbar call it.
CASES = [
    ("ean13", "315788232640", "3157882326401", "EAN13", "EAN-13"),
    ("ean8", "9031101", "90311017", "EAN8", "EAN-8"),
    ("upca", "03600029145", "0036000291452", "EAN13", "EAN-13"),
    ("upce", "0123456", "0012345000065", "UPCE", "EAN-13"),
    ("code39", "AB-12 3", "AB-12 3", "Code39", "CODE-39"),
    ("code93", "Code 93, ~", "Code 93, ~", "Code93", "CODE-93"),
    ("code128", "Abc123456", "Abc123456", "Code128", "CODE-128"),
    ("itf", "12345678", "12345678", "ITF", "I2/5"),
    ("codabar", "A1234B", "A1234B", "Codabar", "Codabar"),
    ("qr", "https://example.com/r/1", "https://example.com/r/1", "QRCode", "QR-Code"),
]


def runs(row):
    """The widths of black and white runs, without the white at the ends."""
    result = []
    for value in row:
        if result and result[-1][0] == value:
            result[-1][1] += 1
        else:
            result.append([value, 1])
    return [width for _, width in result[1:-1]]


def main(posctl):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "code.png")
        for command, data, text, zxing, zbar in CASES:
            for module in (2, 3, 4):
                subprocess.run([posctl, "barcode", command, data, "--module", str(module), "--png", path], check=True,
                               stdout=subprocess.DEVNULL)
                image = Image.open(path).convert("L")
                read = [(str(code.format).rsplit(".")[-1].replace("-", "").replace(" ", ""), code.text)
                        for code in zxingcpp.read_barcodes(image)]
                assert [value for _, value in read] == [text], (command, module, "zxing-cpp", read)
                output = subprocess.run(["zbarimg", "--quiet", "--nodbus", path], check=True, capture_output=True)
                assert output.stdout.decode() == f"{zbar}:{text}\n", (command, module, "zbar", output.stdout)
                if command == "ean13":
                    middle = [image.getpixel((x, image.height // 4)) for x in range(image.width)]
                    widths = runs(middle)
                    assert len(widths) == 59 and sum(widths) == 95 * module, widths
                    assert all(width % module == 0 for width in widths), widths
            print(f"{command}: zxing-cpp and zbar read {text}")


main(sys.argv[1])
