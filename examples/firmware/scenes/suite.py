"""The backend of the firmware under the conformance suite: this is its world.

python3 suite.py IMAGE
"""

import concurrent.futures
import contextlib
import os
import queue
import socket
import struct
import sys
import time

from board import Board, Failure

MAC = bytes.fromhex("525400123456")
# What is not about Ethernet, or what this world cannot do.
SKIPPED = {"WrongKey", "LostSession", "LostSim", "RefusedLease", "LostLease"}
# What shows that nobody changes the world.
SHOWN = {"Loss", "Absence", "SilentDhcp", "ServerHungUp", "ServerReset", "ServerRefuses", "Receives"}
# How long a run may take, in seconds.
LIMIT = 240


class World:
    """What is around the board, with a server."""

    def __init__(self, idle):
        self.idle = idle
        self.port = None
        self.connections, self.closed = [], []
        self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port or 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]

    def accept(self):
        """The connections that were not closed yet."""
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.listener.accept()[0])
        taken, self.connections = self.connections, []
        return taken

    def server(self, board, how):
        if how == "hangs_up":
            for connection in self.accept():
                # A FIN, and not a word: what the device sends is taken still.
                connection.shutdown(socket.SHUT_WR)
                self.closed.append(connection)
        elif how == "resets":
            for connection in self.accept():
                at_once = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                connection.close()
        elif how == "refuses":
            self.listener.close()
        elif how == "is_silent":
            board.set_forwarding(False)
        elif how == "works":
            board.set_forwarding(True)
            if self.listener.fileno() < 0:
                self.listen()

    def change(self, board, what):
        """Does what was asked for, and returns the answer."""
        word = what.split()
        if word[0] == "frames":
            return sum(1 for _ in board.frames(MAC))
        if word[0] == "datagrams":
            return sum(1 for frame in board.frames(MAC) if is_datagram(frame))
        if self.idle:
            return 1
        if word[0] == "cable":
            board.set_link(word[1] == "true")
        elif word[0] == "forwards":
            board.set_forwarding(word[1] == "true")
        elif word[0] == "server":
            self.server(board, word[1])
        elif word[0] == "datagram":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as neighbour:
                payload = bytes(range(1, 1 + int(word[1])))
                neighbour.sendto(payload, ("127.0.0.1", board.echo_port))
        else:
            raise Failure(f"the suite asks for {what!r}")
        return 1


def is_datagram(frame):
    """Whether a frame has a UDP datagram to port 9."""
    return frame[12:14] == b"\x08\x00" and frame[23] == 17 and frame[36:38] == b"\0\x09"


def verdicts(image, idle=False):
    """Runs the suite, and returns the verdict of each check."""
    world, all_verdicts = World(idle), {}
    with Board(image, server=world.port, suite=True, mark="!" if idle else "|") as board:
        end = time.monotonic() + LIMIT
        while True:
            try:
                line = board.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise Failure(f"the suite was not done in {LIMIT} s") from None
            if line is None or line.startswith("panicked"):
                raise Failure("the device died")
            if line == "the end":
                return all_verdicts
            word = line.split(maxsplit=3)
            if word[0] == "world:":
                answer = world.change(board, " ".join(word[2:]))
                path = os.path.join(board.folder.name, word[1])
                with open(path + ".new", "w", encoding="ascii") as file:
                    file.write(str(answer))
                os.rename(path + ".new", path)
            elif word[0] in ("passed", "FAILED", "skipped"):
                all_verdicts[word[2].rstrip(":")] = word[0]


def named(all_verdicts, kind):
    return {check for check, verdict in all_verdicts.items() if verdict == kind}


def main(image):
    print("\n==> firmware: conformance suite; and (!) a planted failure: a world that nobody changes")
    with concurrent.futures.ThreadPoolExecutor() as both:
        right, idle = both.submit(verdicts, image), both.submit(verdicts, image, idle=True)
        found, refused = right.result(), named(idle.result(), "FAILED")
    if named(found, "FAILED") or named(found, "skipped") != SKIPPED or len(found) < 25:
        sys.exit(f"the backend does not conform: {found}")
    print(f"    {len(named(found, 'passed'))} checks passed")
    if not refused >= SHOWN:
        sys.exit(f"it passed: this check would not notice; what failed: {refused}")
    print(f"    refused, as it must be: {', '.join(sorted(refused))}")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    try:
        main(sys.argv[1])
    except Failure as failure:
        sys.exit(f"conformance: {failure}")
