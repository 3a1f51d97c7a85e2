"""A local AWS for the length of a `with`: ministack on a free loopback port, which runs bootstraps as processes of its own.

Its `AUTH` is on, so every call of a function is held to its role in the template: a grant that is missing fails the night.
"""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import boto3

REGION, ACCOUNT = "us-east-1", "000000000000"
KEY = "local"  # the root of an account that is nobody's


class LocalAws:
    def __init__(self, work: Path):
        self.work = work
        with socket.socket() as probe:
            # The kernel names a free port; if somebody takes it before the server does, the server says so and ends.
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        # Bootstraps inherit the server's environment, so it gets nothing of this machine's but what a process needs.
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ} | {
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"}
        self.port = port
        self.server = None

    def __enter__(self):
        self.log = (self.work / "ministack.log").open("wb")
        environment = self.environment | {
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "LAMBDA_EXECUTOR": "local", "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",  # it would listen on all interfaces
            "CLOUDTRAIL_RECORDING": "1", "CLOUDTRAIL_MAX_EVENTS": "1000000", "TMPDIR": str(self.work)}
        self.server = subprocess.Popen(["ministack"], cwd=self.work, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.server.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2).close()
                return self
            except OSError:
                time.sleep(0.2)
        text = (self.work / "ministack.log").read_text(errors="replace")
        self.__exit__()
        raise RuntimeError(f"ministack was not ready within a minute:\n{text[-4000:]}")

    def __exit__(self, *_):
        """Ends the server and every bootstrap, by their ids; those that do not end in time are killed."""
        if self.server is None:
            return
        children = list(self.processes())
        self.server.terminate()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        for pid, _ in children:
            try:
                # The id could be another's by now; ours have the server's temporary folder in their path.
                if os.readlink(f"/proc/{pid}/exe").startswith(str(self.work)):
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.log.close()

    def client(self, service):
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=KEY)

    def processes(self):
        """(id, environment) of each process that the server has started."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = entry.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1]
                if int(parent) != self.server.pid:
                    continue
                pairs = entry.joinpath("environ").read_bytes().decode(errors="replace").split("\0")
                yield int(entry.name), dict(pair.split("=", 1) for pair in pairs if "=" in pair)
            except OSError:
                continue  # it has ended meanwhile

    def bootstraps(self, function):
        """The ids of a function's processes."""
        return [pid for pid, env in self.processes() if env.get("AWS_LAMBDA_FUNCTION_NAME") == function]

    def get(self, path):
        with urllib.request.urlopen(self.endpoint + path, timeout=10) as answer:
            return json.load(answer)

    def messages(self):
        """Queue name -> its messages, those in flight too. Looking changes nothing."""
        queues = self.get("/_ministack/sqs/messages")["messages"].get(ACCOUNT, {}).get(REGION, {})
        return {url.rsplit("/", 1)[1]: messages for url, messages in queues.items()}

    def mails(self):
        """What was sent so far: (recipient, subject), sorted."""
        sent = self.get("/_ministack/ses/messages")["messages"].get(ACCOUNT, [])
        return sorted((recipient, mail["Subject"]) for mail in sent for recipient in mail["To"])
