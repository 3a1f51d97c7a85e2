"""`make cloud-test`: a night on the deployed template, then everything that must not go wrong. Start reading at `main`.

usage: driver.py [--record FILE] [--keep]

--record FILE  write what the first night took (durations, requests) for the cost page
--keep         keep the work folder: the server's log, the deployment's, the embedded run
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import checks
import measure
from deployment import BUCKET, NAME, QUEUE_PREFIX, REPLY_DOMAIN, ROOT, deploy, lay_out
from local_aws import LocalAws
from night import Recorder, Watch, schedule

PORTFOLIO = "examples/harbor"
NIGHT = "2026-11-20"


class Driver:
    def __init__(self, aws: LocalAws, work: Path, binaries: Path):
        self.aws, self.work, self.binaries, self.watch = aws, work, binaries, Watch(aws)
        self.recorded = None
        self.portfolio = answered(work)

    def quarterdeck(self, *arguments):
        """The operator's command against this deployment."""
        environment = self.aws.environment | {
            "QUARTERDECK_BUCKET": BUCKET, "QUARTERDECK_TABLE": NAME, "QUARTERDECK_QUEUE_PREFIX": QUEUE_PREFIX}
        done = subprocess.run([self.binaries / "quarterdeck", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"quarterdeck {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def first_night(self):
        """As an owner would: tables, configuration, and a schedule that starts it."""
        self.quarterdeck("load", self.portfolio, "--date", NIGHT)
        self.quarterdeck("push", self.portfolio, "--bucket", BUCKET, "--date", NIGHT)
        with Recorder(self.aws) as self.recorded:
            schedule(self.aws, NIGHT)
            row = self.watch.end_of(NIGHT)
        self.watch.quiet()
        return row

    def embedded(self, date):
        """The same night on embedded backends and fresh state, under the deployment's rid key. Answers its archive."""
        out = self.work / f"embedded-{date}"
        state = out / ".quarterdeck"
        state.mkdir(parents=True)
        secret = self.aws.client("secretsmanager").get_secret_value(SecretId=f"{NAME}/rid-key")["SecretString"]
        (state / "rid.key").write_text(secret)
        (state / "rid.key").chmod(0o600)
        self.quarterdeck("run", self.portfolio, "--date", date, "--out", str(out))
        return state / "objects"


def answered(work):
    """The example's portfolio, with mails that may be answered."""
    folder = work / "harbor"
    shutil.copytree(ROOT / PORTFOLIO, folder)
    file = folder / "portfolio.toml"
    text = file.read_text()
    if text.count("[mail]\n") != 1:
        raise ValueError("the portfolio has no [mail] of its own")
    file.write_text(text.replace("[mail]\n", f'[mail]\nreply_domain = "{REPLY_DOMAIN}"\n'))
    return str(folder)


def tables():
    """All that the portfolio names, those too that do not exist."""
    portfolio = tomllib.loads((ROOT / PORTFOLIO / "portfolio.toml").read_text())
    return [source["table"] for source in portfolio["sources"]["dynamodb"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cloud: stopped before it was done"))

    target = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/quarterdeck/target"))
    binaries = Path(os.environ.get("QUARTERDECK_BOOTSTRAPS", target / "debug"))
    work = Path(tempfile.mkdtemp(prefix="quarterdeck-cloud-"))
    began, failed = time.monotonic(), 0
    try:
        with LocalAws(work) as aws:
            lay_out(work, binaries)
            deploy(aws, work, tables())
            print(f"cloud: deployed after {time.monotonic() - began:.0f} s", flush=True)
            failed = checks.run_all(Driver(aws, work, binaries), on_first_night=lambda: options.record and measure.write(aws, options.record, binaries.name))
    except Exception:
        log = work / "ministack.log"
        if log.exists():
            print("\n".join(log.read_text(errors="replace").splitlines()[-40:]), file=sys.stderr)
        raise
    finally:
        print(f"cloud: {time.monotonic() - began:.0f} s" + (f", kept {work}" if options.keep else ""))
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
