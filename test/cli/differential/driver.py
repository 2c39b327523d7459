"""Runs cases, each in every variant, and tells what came of them: one JSON line in, one JSON line out.

Node cannot be the parent here: it resets the signals its children ignore and raises their limits. This process starts
each script as a shell would have it (all signals at their default, a session of its own, few inherited descriptors) and
is the sub-reaper of what it leaves behind, so that it knows when really all of a case is over, recorders included.
"""

import base64
import ctypes
import fcntl
import hashlib
import json
import os
import pty
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import termios
import time

PR_SET_CHILD_SUBREAPER = 36
CASE_SECONDS = 15
LEFT_SECONDS = 8
LONGEST_TEXT = 20_000


def as_text(data):
    """Bytes as characters of the same numbers; what is too long to be read is told by its length and digest."""
    if len(data) > LONGEST_TEXT:
        return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"
    return data.decode("latin-1")


class Case:
    """One variant of one case, from the first process to the last."""

    def __init__(self, job, variant, place):
        self.job = job
        self.place = place
        self.deadline = time.monotonic() + job.get("seconds", CASE_SECONDS)
        self.status = None
        self.out = {}
        self.seen = {}
        self.fds = {}
        self.stdin = None
        self.eof_delay = None
        self.ended_at = None
        self.script = job["script"].replace("{run}", variant["run"])
        self.env = {**job["env"], **variant.get("env", {})}

    def child(self, ends, controlling):
        os.setsid()
        for number in range(1, 65):
            if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if controlling:
            fcntl.ioctl(ends[0], termios.TIOCSCTTY, 0)
        for target, end in enumerate(ends):
            os.dup2(end, target + 100)
        for target in range(3):
            os.dup2(target + 100, target)
        os.closerange(3, 256)
        os.umask(0o022)
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 4096))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        os.chdir(self.place)
        os.execve("/bin/bash", ["bash", "-c", self.script], self.env)

    def start(self):
        shutil.rmtree(self.place, ignore_errors=True)
        os.makedirs(self.place)
        os.chmod(self.place, 0o777)
        kind = self.job.get("stdin", "null")
        if kind == "terminal":
            master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            ends, ours = [slave] * 3, {"out": master}
            self.stdin = master
        else:
            out_read, out_write = os.pipe()
            err_read, err_write = os.pipe()
            given = os.open("/dev/null", os.O_RDONLY)
            if kind == "pipe":
                os.close(given)
                given, self.stdin = os.pipe()
            if kind == "socket":
                os.close(given)
                given, self.stdin = (end.detach() for end in socket.socketpair())
            ends, ours = [given, out_write, err_write], {"out": out_read, "err": err_read}
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.child(ends, kind == "terminal")
            finally:
                os._exit(111)
        for end in set(ends):
            os.close(end)
        self.fds = ours
        self.out = {name: b"" for name in ours}
        self.seen = {name: 0 for name in ours}

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid and not os.WIFSTOPPED(status):
                self.status = status
                self.ended_at = time.monotonic()

    def turn(self):
        """Reads what is there and reaps who has ended; an error when the case takes too long."""
        if time.monotonic() > self.deadline:
            raise TimeoutError
        readable, _, _ = select.select(list(self.fds.values()), [], [], 0.01)
        for name in [name for name, fd in self.fds.items() if fd in readable]:
            try:
                data = os.read(self.fds[name], 1 << 16)
            except OSError:
                data = b""  # a terminal nobody has open any more
            self.out[name] += data
            if not data:
                fd = self.fds.pop(name)
                if fd != self.stdin:
                    os.close(fd)
        return self.reap()

    def step(self, words):
        what, *rest = words
        if what == "expect":
            wanted = rest[0].encode("latin-1")
            while True:
                for name, data in self.out.items():
                    place = data.find(wanted, self.seen[name])
                    if place >= 0:
                        self.seen[name] = place + len(wanted)
                        return
                if self.status is not None and not self.fds:
                    return
                self.turn()
        elif what == "file":
            while not os.path.exists(os.path.join(self.place, rest[0])):
                self.turn()
        elif what == "make":
            with open(os.path.join(self.place, rest[0]), "wb"):
                pass
        elif what == "send":
            try:
                os.write(self.stdin, rest[0].encode("latin-1"))
            except OSError:
                pass  # nobody reads any more: the result will tell
        elif what == "eof":
            os.close(self.stdin)
            self.stdin = None
        elif what == "kill" and self.status is None:
            os.kill(self.pid, rest[0])
        elif what == "killgroup" and self.status is None:
            os.killpg(self.pid, rest[0])
        elif what == "resize":
            fcntl.ioctl(self.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", rest[0], 80, 0, 0))
        elif what == "hangup":
            os.close(self.stdin)
            self.stdin = None
            self.fds = {}
        elif what == "stopped":
            # The tree's processes that matter are all stopped: nothing will run until somebody lets it.
            while self.state_of(self.pid) not in ("T", "Z", None):
                self.turn()
        elif what == "close":
            os.close(self.fds.pop(rest[0]))

    @staticmethod
    def state_of(pid):
        try:
            with open(f"/proc/{pid}/stat", "rb") as stat:
                return stat.read().rpartition(b")")[2].split()[0].decode()
        except OSError:
            return None

    def finish(self):
        while self.status is None or self.fds:
            self.turn()
        self.eof_delay = time.monotonic() - self.ended_at
        # What is left of the case now has closed our pipes: give it time to end by itself.
        until = time.monotonic() + LEFT_SECONDS
        while self.reap():
            if time.monotonic() > until:
                return True
            time.sleep(0.005)
        return False

    def result(self):
        left, timed_out = False, False
        try:
            self.start()
            for words in self.job.get("steps", []):
                self.step(words)
            left = self.finish()
        except TimeoutError:
            timed_out = True
        for fd in {*self.fds.values(), *([] if self.stdin is None else [self.stdin])}:
            os.close(fd)
        end_all()
        status = self.status or 0
        return {
            "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            "timedOut": timed_out,
            "leftProcesses": left,
            "eofDelayMs": round((self.eof_delay or 0) * 1000),
            "stdout": as_text(self.out.get("out", b"")),
            "stderr": as_text(self.out.get("err", b"")),
            "files": files_of(self.place),
        }


def children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def end_all():
    """Whatever a case left, ours by being its sub-reaper."""
    while True:
        pids = children()
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in pids:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def files_of(place):
    found = {}
    for folder, _, names in os.walk(os.fsencode(place)):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                content = b"<no file>"
            else:
                with open(path, "rb") as file:
                    content = file.read()
            found[as_text(os.path.relpath(path, os.fsencode(place)))] = as_text(content)
    return found


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("cannot become a sub-reaper")
    for line in sys.stdin:
        job = json.loads(line)
        place = job["place"]
        results = [Case(job, variant, place).result() for variant in job["variants"]]
        shutil.rmtree(place, ignore_errors=True)
        print(base64.b64encode(json.dumps(results).encode()).decode(), flush=True)


main()
