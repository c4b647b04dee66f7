"""Google Benchmark's own compare.py reads a report and sees a change in every row.

usage: compare_test.py COMPARE_PY REPORT
"""

import json
import math
import os
import subprocess
import sys
import tempfile

from interpreter import require

require({"numpy": "python3-numpy", "scipy": "python3-scipy"})

FACTOR = 1.25
REPEATS = 9  # compare.py's U test wants that many


def write(folder, name, report):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, allow_nan=False)
    return path


def compare(script, folder, old, new):
    """The differences that compare.py finds, as it dumps them."""
    dump = os.path.join(folder, "difference.json")
    command = [sys.executable, script, "--no-color", "-d", dump, "benchmarks", old, new]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    with open(dump, encoding="utf-8") as file:
        return json.load(file)


def slower(report):
    rows = [dict(row, real_time=row["real_time"] * FACTOR, cpu_time=row["cpu_time"] * FACTOR)
            for row in report["benchmarks"]]
    return dict(report, benchmarks=rows)


def repeated(report):
    rows = [dict(row, repetitions=REPEATS, repetition_index=i) for row in report["benchmarks"] for i in range(REPEATS)]
    return dict(report, benchmarks=rows)


def main(script, report_file):
    if not os.path.isfile(script):
        sys.exit(f"Google Benchmark's compare.py is missing ({script}); install it with: apt-get install libbenchmark-tools")
    with open(report_file, encoding="utf-8") as file:
        report = json.load(file)
    names = [row["name"] for row in report["benchmarks"]]
    assert len(names) >= 3 and len(set(names)) == len(names), names

    with tempfile.TemporaryDirectory() as folder:
        new = write(folder, "new.json", slower(report))
        found = {entry["name"]: entry for entry in compare(script, folder, report_file, new)}
        for name in names + ["OVERALL_GEOMEAN"]:
            assert name in found, f"compare.py did not see {name}"
            for measurement in found[name]["measurements"]:
                assert math.isclose(measurement["time"], FACTOR - 1, rel_tol=1e-9), (name, measurement)
                assert math.isclose(measurement["cpu"], FACTOR - 1, rel_tol=1e-9), (name, measurement)
        for row in report["benchmarks"]:
            assert found[row["name"]]["label"] == row["label"], row["name"]

        old = write(folder, "old.json", repeated(report))
        new = write(folder, "new.json", repeated(slower(report)))
        found = {entry["name"]: entry for entry in compare(script, folder, old, new)}
        for name in names:
            assert len(found[name]["measurements"]) == REPEATS, name
            assert found[name]["utest"]["time_pvalue"] < 0.001, found[name]["utest"]
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
