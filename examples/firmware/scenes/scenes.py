"""What the device has to stand, and what it has to say."""

import contextlib
import socket
import time

import memory
from board import Board, Failure
from server_scenes import SERVER_SCENES

# What the rate limit lets pass (RATE-1).
BURST, RATE = 100, 25
MAX_PAYLOAD = 1472
# The chip was reset, and has lost its link.
RESET = "chip: reset"
CONNECTED = ("STARTING (0)", "ETHERNET_LINK_UP (200)", "ETHERNET_DHCPING (201)", "CONNECTED (1)")


def boot(board):
    board.expect(*CONNECTED, "address: 10.0.2.15/24", within=20)


@contextlib.contextmanager
def client(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        it.connect(("127.0.0.1", port))
        yield it


def exchange(port, payload, within=2.0):
    """Sends a datagram, and checks that it comes back as it is."""
    with client(port) as it:
        it.settimeout(within)
        it.send(payload)
        try:
            answer = it.recv(65536)
        except OSError:
            raise Failure(f"a datagram of {len(payload)} bytes did not come back") from None
        if answer != payload:
            raise Failure(f"a datagram of {len(payload)} bytes came back as another one")


def check_echo(port):
    """200 datagrams of sizes 0 to the MTU come back, at the pace of the rate limit."""
    count = 200
    for number in range(count):
        size = number * MAX_PAYLOAD // (count - 1)
        exchange(port, bytes((number + at) % 256 for at in range(size)))
        if number >= BURST - 10:
            time.sleep(1 / RATE)
    print(f"    {count} datagrams of 0 to {MAX_PAYLOAD} bytes came back")


def check_flood(port, count=1000):
    """Of a flood only so many datagrams come back as the rate limit allows."""
    gap, came = 0.0015, 0
    with client(port) as it:
        it.setblocking(False)

        def receive():
            nonlocal came, last
            with contextlib.suppress(BlockingIOError):
                while True:
                    it.recv(65536)
                    came, last = came + 1, time.monotonic()

        start = last = time.monotonic()
        for number in range(count):
            it.send(number.to_bytes(4, "little"))
            receive()
            time.sleep(gap)
        lasted = time.monotonic() - start
        while time.monotonic() < start + lasted + 0.5:
            receive()
            time.sleep(gap)
    most, least = BURST + RATE * (last - start), BURST + RATE * lasted
    print(f"    {count} datagrams in {lasted:.2f} s: {came} came back, allowed are {most:.1f}")
    if came > most:
        raise Failure("more came back than the rate limit allows")
    # The last one may have been refused just before its token was there.
    if came < least - 2:
        raise Failure("fewer came back than the rate limit allows")
    return came


def echo(image):
    with Board(image) as board:
        boot(board)
        check_echo(board.echo_port)
        used, size = memory.stack_used(board, image)
        print(f"    stack: {used} of {size} bytes used")


def flood(image):
    with Board(image) as board:
        boot(board)
        came = check_flood(board.echo_port)
        time.sleep(1.2)
        exchange(board.echo_port, b"after the flood")
        time.sleep(0.2)
        refused = sum(int(line.split()[2]) for line in board.told("rate limit: "))
        print(f"    {refused} were refused")
        # The rest was lost on the way.
        if not 900 <= came + refused <= 1000:
            raise Failure(f"{came} came back and {refused} were refused, of 1000")


def link(image):
    with Board(image) as board:
        boot(board)
        exchange(board.echo_port, b"before")
        for _ in range(3):
            board.set_link(False)
            board.expect("ETHERNET_STOPPED_NO_LINK (204), no carrier", within=5)
            board.set_link(True)
            board.expect(*CONNECTED[1:], "address: 10.0.2.15/24", within=20)
            # The socket has stayed open (UDP-11).
            exchange(board.echo_port, b"after")


def no_link(image):
    with Board(image, link=False) as board:
        board.expect(*CONNECTED[:2], "ETHERNET_STOPPED_NO_LINK (204), no carrier", within=15)
        board.set_link(True)
        board.expect(*CONNECTED[1:], "address: 10.0.2.15/24", within=20)
        exchange(board.echo_port, b"late")


def late_switch(image):
    """The switch forwards only after the first try to get an address."""
    with Board(image, forwards=False, fast=True) as board:
        board.expect(RESET, *CONNECTED[:3], "ETHERNET_STOPPED (202), timed out", within=20)
        board.set_forwarding(True)
        check_kept(board, "CONNECTED (1)")


def check_kept(board, *texts, within=10):
    """The device comes to say all that without a reset of its chip: a switch would begin anew to
    wait before it forwards."""
    for line in board.lines_until(*texts, within=within):
        if RESET in line:
            raise Failure(f"the chip was reset before {texts[-1]!r}")
    print("    the chip was not reset")


SCENES = [echo, flood, link, no_link, late_switch] + SERVER_SCENES
