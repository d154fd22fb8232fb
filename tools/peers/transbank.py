"""Pays with Transbank's own kit at the terminal behind argv[1]; argv[2] is what the terminal does."""

import sys

# The script has the package's name; its folder must not be looked in first.
sys.path.pop(0)

from transbank import POSIntegrado  # noqa: E402


def main(path, fault):
    pos = POSIntegrado()
    pos.timeout = 100
    assert pos.open_port(path)
    assert pos.poll(), "no answer to the poll"
    heard = []
    for amount, ticket in ((1500, "T00001"), (50, "T2")):
        sale = pos.sale(amount, ticket, send_status=amount == 1500, callback=heard.append)
        print("transbank-pos-sdk:", sale)
        approved = int(sale["response_code"]) == 0
        assert approved == (fault == "none"), sale
        assert str(sale["ticket"]) == ticket, sale
        assert int(sale["amount"]) == amount, sale
    assert len(heard) == 2, heard
    if fault == "none":
        last = pos.last_sale()
        assert str(last["ticket"]) == "T2" and int(last["amount"]) == 50, last
        refund = pos.refund(int(last["operation_number"]))
        assert int(refund["response_code"]) == 0, refund
        close = pos.close()
        assert int(close["response_code"]) == 0, close
    pos.close_port()


main(sys.argv[1], sys.argv[2])
