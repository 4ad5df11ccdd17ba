"""Serves moto on a free loopback port for as long as standard input stays open.

The first line on standard output is the address. Waiting on standard input means that the server dies with
the test that started it, however that test ends: a killed test closes its end of the pipe.
"""

import logging
import sys

from moto.server import ThreadedMotoServer


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
