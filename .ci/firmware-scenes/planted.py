"""Devices and worlds in which a scene has to fail."""

import contextlib
import socket
import threading

from board import Board
from scenes import CONNECTED, boot, check_echo, check_flood


def deaf(image):
    """Echo: the datagrams go to a port that nobody has."""
    with Board(image, guest_port=20002) as board:
        boot(board)
        check_echo(board.echo_port)


def without_limit(_):
    """Flood: something sends back whatever comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mirror:
        mirror.bind(("127.0.0.1", 0))

        def reflect():
            with contextlib.suppress(OSError):
                while True:
                    payload, client = mirror.recvfrom(65536)
                    mirror.sendto(payload, client)

        threading.Thread(target=reflect, daemon=True).start()
        check_flood(mirror.getsockname()[1])


def with_link(image):
    """No link: the cable is there."""
    with Board(image) as board:
        board.expect(*CONNECTED[:2], "ETHERNET_STOPPED_NO_LINK (204), no carrier", within=8)


PLANTED = [
    (deaf, "a datagram of 0 bytes did not come back"),
    (without_limit, "more came back than the rate limit allows"),
    (with_link, "did not come within"),
]
