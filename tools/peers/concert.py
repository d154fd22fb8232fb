"""Pays with pyTeliumManager at the Concert terminal behind argv[1]; argv[2] is what the terminal does."""

import sys

from telium import Telium, TeliumAsk
from telium.manager import TerminalInitializationFailedException


def order(amount, full_answer):
    return TeliumAsk("01", "1" if full_answer else "0", "0", "1", "978", "A010", "B010", amount)


def main(path, fault):
    device = Telium(path, timeout=5)
    if fault == "busy":
        try:
            device.ask(order(12.50, False))
        except TerminalInitializationFailedException:
            print("pyTeliumManager: the terminal is busy")
            return
        raise SystemExit("pyTeliumManager was given the line of a busy terminal")
    assert device.is_ok()
    for amount, full_answer in ((12.50, False), (99999.99, True)):
        ask = order(amount, full_answer)
        assert device.ask(ask), "the order was not taken"
        answer = device.verify(ask, waiting_timeout=20)
        assert answer is not None, "no answer came"
        assert answer.has_succeeded == (fault == "none"), answer.transaction_result
        assert abs(answer.amount - amount) < 0.001, answer.amount
        print("pyTeliumManager:", amount, "result", answer.transaction_result)
    device.close()


main(sys.argv[1], sys.argv[2])
