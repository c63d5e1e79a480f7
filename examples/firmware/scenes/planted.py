"""Devices and worlds in which a scene has to fail."""

import contextlib
import socket
import threading
import time

from board import Board
from scenes import CONNECTED, boot, check_echo, check_flood, check_kept
from server_scenes import CALLED, LOST, Server, check_grace


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


def with_reset(image):
    """A late switch: the reset at the boot is taken for one of a later try."""
    with Board(image) as board:
        check_kept(board, "CONNECTED (1)")


def never_forwarding(image):
    """A late switch: it never forwards."""
    with Board(image, forwards=False, fast=True) as board:
        check_kept(board, "ETHERNET_STOPPED (202), timed out", "CONNECTED (1)", within=1)


def with_server(image):
    """A server that stays away: it is there."""
    with Server() as it, Board(image, server=it.port, fast=True) as board:
        with it.called():
            board.expect(CALLED, within=5)
        with it.called():
            board.expect(LOST, within=5)


def with_short_grace(image):
    """The grace: it is taken to begin at the boot of a device that connects late."""
    with Server() as it, Board(image, server=it.port, fast=True) as board:
        with it.called():
            board.expect(CALLED, within=5)
            time.sleep(0.2)
            it.go()
        told = board.expect(LOST, within=30)
        check_grace("0.000", told)


PLANTED = [
    (deaf, "a datagram of 0 bytes did not come back"),
    (without_limit, "more came back than the rate limit allows"),
    (with_link, "did not come within"),
    (with_reset, "the chip was reset"),
    (never_forwarding, "did not come within"),
    (with_server, "did not come within"),
    (with_short_grace, "the loss was told after"),
]
