"""The yardstick: psutil reading the standard layout's field set. Prints seconds per process, one round a line."""
import sys
import time

import psutil


def text(path):
    with open(path) as file:
        return file.read()


def sample(process):
    with process.oneshot():
        fields = {
            "comm": process.name(),
            "state": process.status(),
            "vm_rss_kb": process.memory_info().rss // 1024,
            "threads": process.num_threads(),
            "fd_count": process.num_fds(),
            "fd_soft_limit": process.rlimit(psutil.RLIMIT_NOFILE)[0],
            "ctx_switches": process.num_ctx_switches(),
            "cpu_percent": process.cpu_percent(None),
        }
    for line in text(f"/proc/{process.pid}/status").splitlines():
        if line.startswith(("SigPnd", "SigBlk", "SigCgt")):
            name, value = line.split(":")
            fields[name] = value.strip()
    fields["oom_score"] = int(text(f"/proc/{process.pid}/oom_score"))
    fields["wchan"] = text(f"/proc/{process.pid}/wchan").strip()
    return fields


processes = [psutil.Process(int(pid)) for pid in sys.argv[2:]]
for _ in range(int(sys.argv[1])):
    started = time.perf_counter()
    for process in processes:
        sample(process)
    print((time.perf_counter() - started) / len(processes))
