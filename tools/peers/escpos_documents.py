"""Makes ten documents with python-escpos and has posctl read them: complaints, and what zbar sees on the pictures.

usage: escpos_documents.py POSCTL FOLDER
"""

import json
import subprocess
import sys
from pathlib import Path

from escpos.printer import Dummy
from PIL import Image

from escpos_inputs import DIGITS, HEIGHT, LINES, WIDTH, grey

# What python-escpos itself gets wrong: the beginning of our complaint, where it shows, and why it is theirs.
DEFECTS = [
    ("image or symbol data spells a real-time command", {"picture", "everything"},
     "dithered dots go out as they fall; where their bytes spell DLE EOT, ENQ or DC4, some printers obey"),
]


def grey_picture():
    return Image.frombytes("L", (WIDTH, HEIGHT), grey())


def text(p):
    for line in LINES:
        p.textln(line)
    p.cut()


def styles(p):
    p.set(bold=True, align="center", double_width=True, double_height=True)
    p.textln("Burger Barn")
    p.set(underline=1, bold=False, normal_textsize=True)
    p.textln("underlined")
    p.set(invert=True)
    p.textln("inverse")
    p.set(invert=False, custom_size=True, width=3, height=4)
    p.textln("3 x 4")
    p.set_with_default()
    p.textln("plain")
    p.cut(mode="FULL")


def code_pages(p):
    p.textln("Crème brûlée, Größe, 9,00 \u20ac")
    p.textln("\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03cc\u03c2")
    p.textln("\u041a\u043e\u0444\u0435")
    p.cut()


def native_ean(p):
    p.barcode(DIGITS, "EAN13", height=100, width=3, pos="BELOW", font="A", check=False)
    p.cut()


def software_ean(p):
    p.barcode(DIGITS, "EAN13", force_software="bitImageRaster")
    p.cut()


def native_code128(p):
    p.barcode("{BABC-1234", "CODE128", height=80, width=2, function_type="B", check=False)
    p.cut()


def native_qr(p):
    p.qr("https://example.com/1042", native=True, size=6)
    p.cut()


def software_qr(p):
    p.qr("https://example.com/1042", size=6)
    p.cut()


def picture(p):
    p.image(grey_picture(), impl="bitImageRaster")
    p.cut()


def everything(p):
    p.set(align="center")
    p.textln("Receipt 1042")
    p.set_with_default()
    p.image(grey_picture(), impl="bitImageColumn")
    p.barcode(DIGITS, "EAN13", force_software="bitImageRaster")
    p.cashdraw(2)
    p.cut()


# The document, what zbar must see on its picture.
DOCUMENTS = [
    (text, None), (styles, None), (code_pages, None), (native_ean, "3157882326401"),
    (software_ean, "3157882326401"), (native_code128, "ABC-1234"), (native_qr, "https://example.com/1042"),
    (software_qr, "https://example.com/1042"), (picture, None), (everything, "3157882326401"),
]


def main(posctl, folder):
    failures = 0
    for make, symbol in DOCUMENTS:
        printer = Dummy(profile="TM-T20II")
        make(printer)
        name = make.__name__.replace("_", "-")
        stream, png = Path(folder, name + ".bin"), Path(folder, name + ".png")
        stream.write_bytes(printer.output)
        decoded = subprocess.run(
            [posctl, "decode", "escpos", str(stream), "--png", str(png), "--json"], capture_output=True, text=True,
            check=True)
        summary = json.loads(decoded.stdout.splitlines()[-1])
        theirs = {
            text for text, places, _ in DEFECTS if name in places
            and any(c["reason"].startswith(text) for c in summary["complaints"])}
        complaints = [c for c in summary["complaints"] if not c["reason"].startswith(tuple(theirs) or ("\0",))]
        seen = subprocess.run(
            ["zbarimg", "--quiet", "--raw", str(png)], capture_output=True, text=True).stdout.split("\n")
        wrong = [f"{c['offset']}: {c['reason']}" for c in complaints]
        if symbol and symbol not in seen:
            wrong.append(f"zbar does not see {symbol} but {[s for s in seen if s]}")
        print(f"{name}: {len(printer.output)} bytes, {'; '.join(wrong) or 'no complaint'}"
              + (f", zbar reads {symbol}" if symbol and symbol in seen else "")
              + "".join(f"\n  its own defect: {text}" for text in sorted(theirs)))
        failures += len(wrong)
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], sys.argv[2]) else 0)
