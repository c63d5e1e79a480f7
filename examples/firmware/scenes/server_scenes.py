"""What becomes of the connection to the server."""

import contextlib
import socket
import time

from board import Board, Failure, uptime

GREETING = b"this is the device\n"
# By this byte a server sends the device away.
END = b"\x04"
# For so long a lost connection is tried again before it is told (CON-12).
GRACE = 60
# So much later than meant the device may say something: it sleeps for so long at most.
LATE = 0.7
CALLED = "server: called over eth0, SERVER_CONNECTED (5)"
LOST = "server: lost over eth0"


class Server:
    """A server of the host, there from `with` to `go`. A port of its own is always the same."""

    def __init__(self):
        self.port = None
        self.come()

    def come(self):
        self.listener = socket.create_server(("127.0.0.1", self.port or 0))
        self.listener.settimeout(20)
        self.port = self.listener.getsockname()[1]

    def go(self):
        self.listener.close()

    @contextlib.contextmanager
    def called(self):
        """Waits for the device, hears its greeting, and hangs up in the end."""
        try:
            connection, _ = self.listener.accept()
        except OSError:
            raise Failure("the device does not call its server") from None
        with connection:
            connection.settimeout(10)
            hear(connection, GREETING)
            yield connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()


def hear(connection, text):
    """Checks what the device says to its server."""
    heard = b""
    with contextlib.suppress(OSError):
        while len(heard) < len(text) and (part := connection.recv(100)):
            heard += part
    if heard != text:
        raise Failure(f"the device said {heard} to its server, not {text}")


def check_grace(lost, told):
    """Checks that a loss was told when the grace was over."""
    after = uptime(told) - uptime(lost)
    print(f"    told {after:.3f} s after the loss")
    if not GRACE <= after <= GRACE + LATE:
        raise Failure(f"the loss was told after {after:.3f} s")


def none_told(board, text):
    if lines := board.told(text):
        raise Failure(f"the device said {lines[0]!r}")


def server(image):
    """The device calls, and leaves when it is sent away: what it has to say comes first."""
    with Server() as it, Board(image, server=it.port) as board:
        with it.called() as connection:
            board.expect(CALLED, within=5)
            connection.send(END)
            hear(connection, b"goodbye\n")
            board.expect("server: FLUSHING", "server: DISCONNECTED", within=5)


def server_is_back(image):
    """A server that hangs up and is back at once: nothing is told, not even later."""
    with Server() as it, Board(image, server=it.port, fast=True) as board:
        with it.called():
            board.expect(CALLED, within=5)
        lost = board.expect("server: WAITING", within=10)
        with it.called():
            time.sleep(1)
            none_told(board, LOST)
        again = board.expect("server: WAITING", within=10)
        passed = uptime(again) - uptime(lost)
        print(f"    nothing was told in the {passed:.0f} s after the loss")
        if passed < 2 * GRACE:
            raise Failure("not enough time has passed to tell")


def server_stays_away(image):
    """A loss is reported once, when the grace is over, and the return of the server after it."""
    with Server() as it, Board(image, server=it.port, fast=True) as board:
        with it.called():
            board.expect(CALLED, within=5)
            it.go()
        lost = board.expect("server: WAITING", within=10)
        # With a code or, where a try is still under way, without one.
        told = board.expect(f"{LOST}, NO_SERVER (4)", within=30)
        check_grace(lost, told)
        it.come()
        with it.called():
            board.expect("server: back over eth0", within=10)
        none_told(board, LOST)


def server_never_there(image):
    """The attempt has its one result."""
    with Server() as it:
        it.go()
        with Board(image, server=it.port) as board:
            board.expect("server: called over eth0, NO_SERVER (4), code 2", within=20)
            none_told(board, LOST)


def server_without_link(image):
    """A cable that is pulled and put back takes the connection along."""
    with Server() as it, Board(image, server=it.port) as board:
        with it.called():
            board.expect(CALLED, within=5)
            board.set_link(False)
            board.expect("ETHERNET_STOPPED_NO_LINK (204)", "server: WAITING", within=5)
            board.set_link(True)
            with it.called():
                connected = board.expect("server: CONNECTED", within=20)
                none_told(board, LOST)
                if uptime(connected) > GRACE:
                    raise Failure("it took too long to tell whether a loss would be told")


def link_stays_away(image):
    """A cable that is pulled for good is the reason that is told."""
    with Server() as it, Board(image, server=it.port, fast=True) as board:
        with it.called():
            board.expect(CALLED, within=5)
            board.set_link(False)
            lost = board.expect("server: WAITING", within=5)
            told = board.expect(f"{LOST}, NO_LINK (1)", within=30)
            check_grace(lost, told)
            none_told(board, LOST)


SERVER_SCENES = [
    server,
    server_is_back,
    server_stays_away,
    server_never_there,
    server_without_link,
    link_stays_away,
]
