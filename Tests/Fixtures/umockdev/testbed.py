"""Plays devices to a program that reports them as JSON lines: what umockdev-run cannot, plugging in and out later.

    umockdev-wrapper python3 testbed.py DIRECTORY STEP... -- PROGRAM [ARGUMENT...]

Steps, one after the other: `expect:TYPE` waits for a line of that type, `add:FILE` plugs in what the file describes,
`announce:ACTION:PATH` sends the uevent, `set:PATH:ATTRIBUTE:VALUE` changes an attribute, `remove:PATH` pulls out.
The program's lines go to standard output; it is ended after the last step.
"""

import ctypes
import json
import subprocess
import sys

library = ctypes.CDLL("libumockdev.so.0")
library.umockdev_testbed_new.restype = ctypes.c_void_p
library.umockdev_testbed_add_from_string.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
library.umockdev_testbed_uevent.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
library.umockdev_testbed_remove_device.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
library.umockdev_testbed_set_attribute.argtypes = [ctypes.c_void_p] + 3 * [ctypes.c_char_p]

split = sys.argv.index("--")
directory, steps, command = sys.argv[1], sys.argv[2:split], sys.argv[split + 1 :]
testbed = library.umockdev_testbed_new()


def add(name):
    with open(f"{directory}/{name}", "rb") as file:
        description = file.read()
    if not library.umockdev_testbed_add_from_string(testbed, description, None):
        sys.exit(f"{name} describes no device")


program = None


def expect(kind):
    """The program starts with the first expectation, so that what is added before is there already."""
    global program
    if program is None:
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in program.stdout:
        print(line, end="", flush=True)
        if json.loads(line)["type"] == kind:
            return
    sys.exit(f"the program ended before it said {kind}")


try:
    for step in steps:
        verb, *arguments = step.split(":", 1)
        rest = arguments[0]
        if verb == "expect":
            expect(rest)
        elif verb == "add":
            add(rest)
        elif verb == "announce":
            action, path = rest.split(":", 1)
            library.umockdev_testbed_uevent(testbed, path.encode(), action.encode())
        elif verb == "set":
            path, attribute, value = rest.rsplit(":", 2)
            library.umockdev_testbed_set_attribute(testbed, path.encode(), attribute.encode(), value.encode())
        elif verb == "remove":
            library.umockdev_testbed_uevent(testbed, rest.encode(), b"remove")
            library.umockdev_testbed_remove_device(testbed, rest.encode())
        else:
            sys.exit(f"no such step: {step}")
finally:
    if program is not None:
        program.kill()
        program.wait()
