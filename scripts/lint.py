#!/usr/bin/env python3
"""Lint of our own files: format (clang-format), tidy (clang-tidy), shell (shellcheck).

A file that clang-tidy passed is not looked at again until it, a header of ours that it includes, its compile command or
the configuration changes. Formats and findings differ between versions, so version 14 is the judge (Debian 12 and
Ubuntu 24.04 have it); where it is missing the check is skipped (exit code 77), and with CI=true it fails.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("theory", "models", "kernels", "reports", "bench", "tests")
SKIPPED = 77
LLVM = "14"
# The compiler's warnings are g++'s business; its templates may nest deeper than clang's default (tables by to_array).
EXTRA = ("--extra-arg=-Wno-everything", "--extra-arg=-fbracket-depth=2048")


def own_files(suffixes):
    return sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in suffixes and p.is_file())


def tool(name, versioned=True):
    """The tool's path, or the end of the check."""
    for candidate in (f"{name}-{LLVM}", name) if versioned else (name,):
        path = shutil.which(candidate)
        if path is None:
            continue
        version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        if not versioned or re.search(rf"version {LLVM}\.", version):
            return path
    wanted = f"{name}-{LLVM}" if versioned else name
    print(f"lint: {wanted} is missing, so this check is not made: install it (apt-get install {wanted})")
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def run_format(_):
    command = [tool("clang-format"), "--dry-run", "-Werror", "--style=file"]
    files = own_files({".cpp", ".hpp", ".cu", ".cuh"})
    done = subprocess.run(command + [str(f) for f in files], cwd=ROOT)
    outcome = "right" if done.returncode == 0 else "wrong, see above (mend with clang-format -i FILE)"
    print(f"lint: format of {len(files)} files: {outcome}")
    return done.returncode


def run_shell(_):
    scripts = sorted((ROOT / "scripts").glob("*.sh")) + [ROOT / ".ci" / "run"]
    done = subprocess.run([tool("shellcheck", versioned=False), "-x"] + [str(s) for s in scripts], cwd=ROOT)
    print(f"lint: {len(scripts)} shell scripts: " + ("clean" if done.returncode == 0 else "see above"))
    return done.returncode


def with_includes(source, seen):
    """Adds the file and our own headers below it to `seen`."""
    if source in seen or not source.is_file():
        return seen
    seen.add(source)
    for name in re.findall(r'^\s*#\s*include\s*"([^"]+)"', source.read_text(errors="replace"), re.M):
        with_includes(ROOT / name, seen)
        with_includes(source.parent / name, seen)
    return seen


def fingerprint(entry, configuration):
    """What the outcome for one file depends on."""
    digest = hashlib.sha256(configuration)
    digest.update(entry.get("command", " ".join(entry.get("arguments", []))).encode())
    for path in sorted(with_includes(Path(entry["file"]), set())):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def run_tidy(arguments):
    clang_tidy = tool("clang-tidy")
    build = Path(arguments.build).resolve()
    database = build / "compile_commands.json"
    if not database.is_file():
        print(f"lint: {database} is missing: build first (scripts/test.sh)")
        return 1
    sources = set(own_files({".cpp"}))
    entries = {e["file"]: e for e in json.loads(database.read_text()) if Path(e["file"]).resolve() in sources}
    if not entries:
        print(f"lint: {database} names no file of ours: configure anew (rm -r {build})")
        return 1
    cache = build / "lint"
    cache.mkdir(exist_ok=True)
    version = subprocess.run([clang_tidy, "--version"], capture_output=True).stdout
    settings = b"".join((ROOT / folder / ".clang-tidy").read_bytes() for folder in (".", "tests"))
    configuration = version + " ".join(EXTRA).encode() + settings

    def check(entry):
        stamp = cache / fingerprint(entry, configuration)
        if stamp.exists():
            return "known", entry, ""
        command = [clang_tidy, "-p", str(build), "--quiet", *EXTRA, entry["file"]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 0:
            stamp.touch()
            return "clean", entry, ""
        return "findings", entry, done.stdout + done.stderr

    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for outcome, entry, text in pool.map(check, entries.values()):
            outcomes.append(outcome)
            if outcome == "findings":
                print(f"lint: {Path(entry['file']).resolve().relative_to(ROOT)}\n{text}", flush=True)
    print(f"lint: clang-tidy on {len(outcomes)} files: {outcomes.count('findings')} with findings, "
          f"{outcomes.count('clean')} clean, {outcomes.count('known')} unchanged since they were clean")
    return 1 if "findings" in outcomes else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=("format", "tidy", "shell"))
    parser.add_argument("--build", default=ROOT / "build", help="build folder with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    return {"format": run_format, "tidy": run_tidy, "shell": run_shell}[arguments.check](arguments)


if __name__ == "__main__":
    sys.exit(main())
