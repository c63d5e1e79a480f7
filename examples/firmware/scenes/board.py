"""The emulated board: started with an image, watched by what it prints, handled by QMP."""

import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time

# Where the device sends datagrams back from.
ECHO_PORT = 20001


def uptime(line):
    """The seconds since boot at which the device said this."""
    return float(line.split()[0])


class Failure(Exception):
    """The device does not do what it should."""


def free_port(kind):
    """A port of the loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Board:
    """A board that runs from `with` to its end. The time of a `fast` one jumps ahead whenever its
    processor sleeps: a minute passes within some seconds."""

    def __init__(
        self,
        image,
        server=None,
        link=True,
        forwards=True,
        guest_port=ECHO_PORT,
        fast=False,
        suite=False,
        mark="|",
    ):
        self.mark = mark
        self.folder = tempfile.TemporaryDirectory()
        self.echo_port = free_port(socket.SOCK_DGRAM)
        control = os.path.join(self.folder.name, "qmp")
        words = "arg=firmware" + (f",arg=10.0.2.2:{server}" if server else "")
        self.capture = os.path.join(self.folder.name, "lan.pcap")
        if suite:
            words += f",arg={self.folder.name}"
        forward = f"hostfwd=udp:127.0.0.1:{self.echo_port}-:{guest_port}"
        self.process = subprocess.Popen(
            ["qemu-system-arm", "-M", "mps2-an385", "-S"]
            + ["-display", "none", "-serial", "none", "-monitor", "none"]
            + ["-qmp", f"unix:{control},server=on,wait=off"]
            + ["-semihosting-config", f"enable=on,target=native,{words}"]
            # The switch of the LAN, with the cable of the device and the rest of the LAN.
            + ["-netdev", f"user,id=lan,ipv6=off,{forward}"]
            + ["-netdev", "hubport,id=trunk,hubid=0,netdev=lan"]
            + ["-netdev", "hubport,id=cable,hubid=0"]
            + ["-net", "nic,netdev=cable,model=lan9118", "-kernel", image]
            + (["-object", f"filter-dump,id=dump,netdev=lan,file={self.capture}"] if suite else [])
            + (["-icount", "shift=6,sleep=off"] if fast else []),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # What it drops in a flood is told there, for each frame.
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.control = self._connect(control)
        self.ask("qmp_capabilities")
        if not link:
            self.set_link(False)
        if not forwards:
            self.set_forwarding(False)
        self.ask("cont")

    def _read(self):
        for line in self.process.stdout:
            line = line.rstrip("\n")
            print("   ", self.mark, line)
            self.lines.put(line)
        self.lines.put(None)

    def _connect(self, path):
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.poll() is None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(path)
            except OSError:
                connection.close()
                time.sleep(0.02)
                continue
            connection.settimeout(10)
            return connection.makefile("rw")
        raise Failure(f"the emulator does not start: status {self.process.poll()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def ask(self, command, **arguments):
        """Asks the emulator for something, and waits until it is done."""
        self.control.write(json.dumps({"execute": command, "arguments": arguments}))
        self.control.flush()
        while True:
            answer = json.loads(self.control.readline())
            if "error" in answer:
                raise Failure(f"{command}: {answer['error']}")
            if "return" in answer:
                return

    def set_link(self, up):
        """Plugs the cable in, or pulls it."""
        self.ask("set_link", name="cable", up=up)

    def set_forwarding(self, on):
        """The switch forwards, or loses all frames. The device's link stays as it is."""
        self.ask("set_link", name="lan", up=on)

    def frames(self, mac):
        """The frames that this address has sent through the switch."""
        with open(self.capture, "rb") as file:
            file.read(24)
            while len(header := file.read(16)) == 16:
                frame = file.read(int.from_bytes(header[8:12], "little"))
                if frame[6:12] == mac:
                    yield frame

    def memory(self, address, length):
        """What is in the memory of the board."""
        path = os.path.join(self.folder.name, "memory")
        self.ask("pmemsave", val=address, size=length, filename=path)
        with open(path, "rb") as file:
            return file.read()

    def expect(self, *texts, within):
        """Waits for lines that contain these texts, in this order; others may come between. Returns
        the last one."""
        return self.lines_until(*texts, within=within)[-1]

    def lines_until(self, *texts, within):
        """Waits as `expect` does, and returns all lines up to the last one."""
        end, lines = time.monotonic() + within, []
        for text in texts:
            while True:
                try:
                    line = self.lines.get(timeout=max(0, end - time.monotonic()))
                except queue.Empty:
                    raise Failure(f"{text!r} did not come within {within} s") from None
                if line is None or line.startswith("panicked"):
                    raise Failure(f"the device died before it said {text!r}")
                lines.append(line)
                if text in line:
                    break
        return lines

    def told(self, text):
        """The lines with this text that were not waited for so far."""
        lines = []
        while not self.lines.empty():
            lines.append(self.lines.get())
        if None in lines:
            raise Failure("the device died")
        return [line for line in lines if text in line]
