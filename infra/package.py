#!/usr/bin/env python3
"""Builds the four bootstraps and lays them out as infra/template.yaml wants them: infra/build/<binary>/bootstrap.

usage: infra/package.py [--arch host|x86_64|arm64] [--profile PROFILE] [--from FOLDER] [--out FOLDER] [--starts N]

host is `cargo build` with this machine's C library. x86_64 and arm64 are `cargo lambda build` against Lambda's (they need the target's
standard library: `rustup target add`). --from takes binaries that are built already. Prints each zip's size, the newest glibc that its binary
asks for, and each function's start; ends with 1 if a zip is too large or a binary would not start on Lambda. The sizes are judged only in
the profile that ships.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benches"))
import night  # noqa: E402

LIMITS_MB = {"analyzer": 35, "renderer": 25, "collector": 6, "mailer": 6}
HANDLERS = {"collector": ["collect", "sweep"], "analyzer": ["analyze"], "renderer": ["render"], "mailer": ["mail", "events"]}
SHIPS, SHIPS_SMALL, SHIPS_ABORT = "lambda", "lambda-small", "lambda-abort"
LAMBDA_GLIBC = (2, 34)  # Amazon Linux 2023: https://docs.aws.amazon.com/linux/al2023/ug/glibc-gcc-and-binutils.html
TRIPLES = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}


def build(arch, profile):
    """Answers where each binary is."""
    if profile != SHIPS:
        return build_together(arch, profile, list(LIMITS_MB))
    # Small ones by themselves, for speed or for size: nothing that only the analyzer asks of a library is linked into them.
    return (build_together(arch, SHIPS, ["analyzer", "renderer"]) | build_together(arch, SHIPS_SMALL, ["mailer"])
            | build_together(arch, SHIPS_ABORT, ["collector"]))


def build_together(arch, profile, binaries):
    target = Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/quarterdeck/target"))
    env = os.environ | {"CARGO_TARGET_DIR": str(target)}
    # These alone: with the whole workspace, features of the local backends would be linked into the functions.
    names = [part for binary in binaries for part in ("--package", binary)]
    common = ["--profile", profile, "--locked", *names]
    folder = "debug" if profile == "dev" else profile
    if arch == "host":
        subprocess.run(["cargo", "build", *common], cwd=ROOT, env=env, check=True)
        return {binary: target / folder / binary for binary in binaries}
    out = target / "bootstraps" / arch
    version = ".".join(map(str, LAMBDA_GLIBC))
    subprocess.run(["cargo", "lambda", "build", *common, "--target", f"{TRIPLES[arch]}.{version}", "--lambda-dir", str(out)],
                   cwd=ROOT, env=env, check=True)
    return {binary: out / binary / "bootstrap" for binary in binaries}


def lay_out(built, out):
    """Bootstraps without symbols, and a zip of each as `sam` makes it. Answers the zips' bytes."""
    sizes = {}
    for binary, path in built.items():
        bootstrap = out / binary / "bootstrap"
        bootstrap.parent.mkdir(parents=True, exist_ok=True)
        if elf_is_ours(path):
            subprocess.run(["strip", "-o", bootstrap, path], check=True)
        else:
            shutil.copy(path, bootstrap)  # this machine's strip knows no other's; the profile has stripped it
        bootstrap.chmod(0o755)
        archive = out / f"{binary}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(bootstrap, "bootstrap")
        sizes[binary] = archive.stat().st_size
    return sizes


def elf_is_ours(path):
    """Whether the binary is of this machine's architecture: ELF keeps it at byte 18."""
    def machine(of):
        with open(of, "rb") as file:
            return file.read(20)[18:20]
    return machine(path) == machine(sys.executable)


def glibc(path):
    """The newest version of glibc's symbols that a binary asks for."""
    text = subprocess.run(["objdump", "-T", path], check=True, capture_output=True, text=True).stdout
    return max((tuple(map(int, found.split("."))) for found in re.findall(r"\(GLIBC_([\d.]+)\)", text)), default=(0, 0))


def print_starts(out, count):
    """Here, not on Lambda: there the zip has to be fetched and unpacked too, and the processor is a part of one."""
    server = night.serve()
    base = statistics.median(night.run(["true"])[0] * 1000 for _ in range(count))
    print(f"exec to first poll, {count} starts on this machine; a process that does nothing takes {base:.1f} ms")
    for binary, handlers in HANDLERS.items():
        shutil.copy(out / binary / "bootstrap", out / binary / binary)  # the bench names functions by their file
        for handler in handlers:
            taken, peaks = night.starts(out / binary / binary, server.server_port, count, handler)
            print(f"  {handler:<9} median {statistics.median(taken):6.1f} ms  max {max(taken):6.1f} ms  peak {max(peaks):5.1f} MB until then")
        (out / binary / binary).unlink()
    server.shutdown()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", choices=["host", *TRIPLES], default="host")
    parser.add_argument("--profile", default=SHIPS)
    parser.add_argument("--from", dest="built", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=ROOT / "infra" / "build")
    parser.add_argument("--starts", type=int, default=15)
    options = parser.parse_args()
    built = {b: options.built / b for b in LIMITS_MB} if options.built else build(options.arch, options.profile)

    problems = []
    print(f"bootstraps of profile {options.profile}, in {options.out}")
    for binary, size in lay_out(built, options.out).items():
        limit, needs = LIMITS_MB[binary], glibc(options.out / binary / "bootstrap")
        print(f"  {binary:<9} zip {size / 1e6:6.1f} MB  (limit {limit} MB)  glibc {'.'.join(map(str, needs))}")
        if options.profile == SHIPS and size > limit * 1e6:
            problems.append(f"{binary}'s zip is {size / 1e6:.1f} MB, limit {limit} MB")
        if needs > LAMBDA_GLIBC:
            problems.append(f"{binary} needs glibc {'.'.join(map(str, needs))} and Lambda has {'.'.join(map(str, LAMBDA_GLIBC))}: "
                            "it would not start there; package with ARCH=x86_64 or ARCH=arm64")
    if elf_is_ours(options.out / "collector" / "bootstrap"):
        print_starts(options.out, options.starts)
    else:
        print("not started: another architecture's")
    for problem in problems:
        print(f"PROBLEM  {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
