#!/usr/bin/env python3
"""The machine-code audit that the build has made of the real library, strictly: a mismatch, a kernel that was not audited
or a missing disassembler, which are warnings to the build, fail here.

Usage: audit_outcome_test.py AUDIT_JSON REQUIRED_ARCHITECTURES (with commas)
"""

import json
import sys
from pathlib import Path


def problems(outcome, required):
    """Everything that is wrong, a line each."""
    if not outcome["disassembler"]:
        return ["there was no disassembler: install nvdisasm and cuobjdump and build again"]
    kernels = outcome["kernels"]
    found = [f"{k['kernel']} {k['arch']}: {failure}" for k in kernels for failure in k["failures"]]
    found += [f"{k['kernel']} {k['arch']}: {k['verdict']}" for k in kernels
              if k["verdict"] not in ("audited", "absent", "unused") and not k["failures"]]
    have = {k["arch"] for k in kernels if k["verdict"] == "audited"}
    return found + [f"nothing is audited for {arch}" for arch in required if arch not in have]


def main():
    outcome = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    required = [arch for arch in sys.argv[2].split(",") if arch]
    broken = json.loads(json.dumps(outcome))  # what this test must find, so that it cannot pass for nothing
    if broken["kernels"]:
        broken["kernels"][0]["failures"] = ["FFMA is 1, claimed 2"]
        broken["disassembler"] = broken["disassembler"] or "some"
        assert problems(broken, required), "a mismatch is not found"
    assert problems({"disassembler": None, "kernels": []}, required), "a missing disassembler is not found"
    found = problems(outcome, required)
    print("\n".join(found) or f"{len(outcome['kernels'])} kernels: audited, or rightly absent")
    return 1 if found or not outcome["kernels"] else 0


if __name__ == "__main__":
    sys.exit(main())
