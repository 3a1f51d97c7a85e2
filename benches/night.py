#!/usr/bin/env python3
"""Time and memory of a harbor night, and each service's start to its first Runtime API poll.

usage: benches/night.py BIN_FOLDER [--nights N] [--starts N]

Prints a table; fails nothing. A night is run on fresh state after the night before it, so that there is something to compare with. The
starts are measured side by side with `true` (a process that does nothing) and printed as milliseconds over it too.
"""
import argparse
import http.server
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SERVICES = ["collector", "analyzer", "renderer", "mailer"]


def run(command, env=None):
    """Wall seconds and peak resident MB of a process."""
    began = time.perf_counter()
    child = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return wall, usage.ru_maxrss / 1024


def nights(quarterdeck, count):
    walls, peaks = [], []
    # All are deleted at the end: where many files were just deleted, ext4 looks long for the inode of a new one.
    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as outs:
        for number in range(count):
            night = [str(quarterdeck), "run", "examples/harbor", "--out", f"{outs}/{number}", "--date"]
            run(night + ["2026-11-19"])
            wall, peak = run(night + ["2026-11-20"])
            walls.append(wall)
            peaks.append(peak)
    return walls, peaks


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """Notes when `next` is asked for, and keeps the caller waiting as Lambda does."""

    polled = threading.Event()
    at = 0.0

    def do_GET(self):
        RuntimeApi.at = time.perf_counter()
        RuntimeApi.polled.set()
        time.sleep(5)

    def log_message(self, *_):
        pass


def peak(pid):
    """Peak resident MB of a process that runs. Not wait4's: that counts what its parent had before exec."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def serve():
    """A Runtime API on a free loopback port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def certificates():
    """The file with the certificates of this machine's authorities. A Debian has each once more in a folder, and a function whose
    environment does not name the file reads both, which takes as long as all else of its start."""
    files = ["/etc/ssl/certs/ca-certificates.crt", ssl.get_default_verify_paths().openssl_cafile]
    found = next((file for file in files if os.path.exists(file)), None)
    return found or sys.exit(f"none of {', '.join(files)} is here: install ca-certificates")


def starts(binary, port, count, handler=None):
    """Milliseconds from exec to the first poll, and peak MB until then, of each start. Without a handler it is the binary's first."""
    env = dict(
        {name: value for name, value in os.environ.items() if name != "SSL_CERT_DIR"},
        SSL_CERT_FILE=certificates(),
        AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}",
        AWS_LAMBDA_FUNCTION_NAME=binary.name,
        AWS_LAMBDA_FUNCTION_VERSION="1",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="512",
        AWS_LAMBDA_LOG_GROUP_NAME="bench",
        AWS_LAMBDA_LOG_STREAM_NAME="bench",
        AWS_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="bench",
        AWS_SECRET_ACCESS_KEY="bench",
        QUARTERDECK_DEPLOYMENT="bench",
        QUARTERDECK_TABLE="quarterdeck",
        QUARTERDECK_BUCKET="quarterdeck-bench",
        QUARTERDECK_QUEUE_PREFIX="http://127.0.0.1:1/000000000000/quarterdeck",
        QUARTERDECK_CONFIGURATION_SET="quarterdeck",
        QUARTERDECK_RID_SECRET="quarterdeck/rid",
        QUARTERDECK_MAPPINGS="analyze=11-aa,render=22-bb",
        QUARTERDECK_NOTICES="arn:aws:sns:us-east-1:123456789012:alarms",
        QUARTERDECK_FALLBACK_REGION="none",
    )
    if handler:
        env["_HANDLER"] = handler
    milliseconds, peaks = [], []
    for _ in range(count):
        RuntimeApi.polled.clear()
        began = time.perf_counter()
        child = subprocess.Popen([str(binary)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if not RuntimeApi.polled.wait(10):
            child.kill()
            sys.exit(f"{binary} did not poll:\n{child.stderr.read().decode()}")
        milliseconds.append((RuntimeApi.at - began) * 1000)
        peaks.append(peak(child.pid))
        child.kill()
        child.wait()
    return milliseconds, peaks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nights", type=int, default=5)
    parser.add_argument("--starts", type=int, default=15)
    options = parser.parse_args()

    walls, peaks = nights(options.folder / "quarterdeck", options.nights)
    print(f"harbor night, {options.nights} runs, {os.cpu_count()} cores, {options.folder.name} profile")
    print(f"  wall  median {statistics.median(walls):.2f} s   max {max(walls):.2f} s   (limit 2 s)")
    print(f"  peak  median {statistics.median(peaks):.0f} MB  max {max(peaks):.0f} MB  (limit 300 MB)")

    server = serve()
    base = statistics.median(run(["true"])[0] * 1000 for _ in range(options.starts))
    print(f"start to first Runtime API poll, {options.starts} runs; a process that does nothing takes {base:.1f} ms; certificates of {certificates()}")
    for service in SERVICES:
        taken, peaks = starts(options.folder / service, server.server_port, options.starts)
        median = statistics.median(taken)
        print(f"  {service:<10} median {median:5.1f} ms  max {max(taken):5.1f} ms  x{median / base:.1f}  (limit 15 ms)  peak {max(peaks):.0f} MB")
    server.shutdown()


if __name__ == "__main__":
    main()
