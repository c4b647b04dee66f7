"""Validates reports against the JSON Schema, and shows that the schema is strict.

usage: schema_test.py SCHEMA REPORT ACCEPTANCE NODE
"""

import copy
import json
import sys

from interpreter import require

require({"jsonschema": "python3-jsonschema"})
import jsonschema  # noqa: E402


def refuse_constant(name):
    raise ValueError(f"{name} is not strict JSON")


def changed(report, path, value):
    """The report with one value replaced, or removed if it is Ellipsis."""
    report = copy.deepcopy(report)
    place = report
    for key in path[:-1]:
        place = place[key]
    if value is Ellipsis:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return report


def read(file_name):
    with open(file_name, encoding="utf-8") as file:
        return json.load(file, parse_constant=refuse_constant)


def main(schema_file, report_file, acceptance_file, node_file):
    schema, report, acceptance, node = map(read, (schema_file, report_file, acceptance_file, node_file))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                for each in (report, acceptance, node) for e in validator.iter_errors(each)]

    part, first = "peakproof", ("peakproof", "results", 0)
    latency = (part, "results", 8, "latency")
    gemm = (part, "results", 2)
    network = (part, "results", next(i for i, r in enumerate(report[part]["results"]) if r["inference"]))
    trained = (part, "results", next(i for i, r in enumerate(report[part]["results"]) if r["training"]))
    must_fail = [
        ((part, "schema"), "2.0.0"),
        ((part, "verdict"), Ellipsis),
        ((part, "verdict"), "fine"),
        ((part, "surprise"), 1),
        ((part, "exit_code"), "1"),
        ((part, "device", "sm_count"), -1),
        (first + ("verdict",), "passed"),
        (first + ("achieved_per_s",), "fast"),
        (first + ("efficiency", "spec"), "97 %"),
        (first + ("peak", "formula"), Ellipsis),
        (first + ("summary", "ci95"), [0, 1]),
        (first + ("samples", 0, "seconds"), "1"),
        (first + ("samples", 0, "latency_cycles"), "4"),
        (first + ("latency",), 4.0),
        (latency + ("ci95",), [4, 5]),
        (latency + ("ns",), Ellipsis),
        (latency + ("unit",), "cycles"),
        (first + ("samples", 0, "power_w"), "693 W"),
        (first + ("samples", 0, "power_w"), Ellipsis),
        (first + ("summary", "median_power_w"), Ellipsis),
        (gemm + ("reference", "own_achieved_per_s"), "fast"),
        (gemm + ("verification", "rmse"), "small"),
        (gemm + ("verification", "max_error"), True),
        (("benchmarks", 2, "power_w"), None),
        (first + ("verification", "items"), 1.5),
        (first + ("audit", "cubin_sha256"), "abc"),
        (("benchmarks", 0, "real_time"), None),
        (("benchmarks", 0, "bytes_per_second"), 1.0),
        (("context", "caches"), {}),
        (("context", "num_cpus"), Ellipsis),
        (("context", "date"), "yesterday"),
        (first + ("inference",), Ellipsis),
        (first + ("training",), []),
        (network + ("inference", "p99_s"), Ellipsis),
        (network + ("inference", "p99_s"), "0.1"),
        (network + ("inference", "batch"), 0),
        (network + ("inference", "layers", 0, "predicted_s"), Ellipsis),
        (network + ("inference", "measured_ceilings", "surprise"), 1),
        (network + ("inference", "quality", "top1_agreement"), 1.01),
        (network + ("inference", "quality", "relative_error"), "small"),
        (network + ("inference", "ceilings", "matrix"), 1e12),
        (trained + ("training", "curve", 0), [2.3, 0.1]),
        (trained + ("training", "curve", 0, "accuracy"), 97.5),
        (trained + ("training", "seed"), -1),
        (trained + ("training", "epochs_to_target"), 0),
        (trained + ("training", "repeats"), None),
    ]
    wrong = (part, "results", 3)
    health, check = (part, "health"), (part, "checks", 0)
    must_fail_of_acceptance = [
        ((part, "run_id"), "1"),
        ((part, "scope"), "cluster"),
        ((part, "samples_withheld"), None),
        ((part, "members"), [acceptance[part]]),  # a device has none
        ((part, "acceptance"), Ellipsis),
        ((part, "acceptance", "policy_sha256"), "abc"),
        (check + ("status",), "passed"),
        (check + ("code",), "1101"),
        (check + ("attempts",), 0),
        (check + ("required",), Ellipsis),
        (health + ("counters", 0, "before"), "0"),
        (health + ("counters", 0, "why"), Ellipsis),
        (health + ("events", 0, "number"), 31.5),
        (health + ("timeline", "at_s"), None),
        (health + ("timeline", "clock_reasons", 0), -1),
        (wrong + ("verification", "wrong_units", 0, "bits"), 4194304),
        (wrong + ("verification", "wrong_units", 0, "unit"), -2),
        (wrong + ("verification", "not_numbers"), Ellipsis),
        (wrong + ("telemetry", "reasons"), []),
        ((part, "results", 2, "attempts", 0, "verdict"), "slow"),
    ]
    must_fail_of_node = [
        ((part, "members", 1, "exit_code"), "1"),
        ((part, "members", 1, "results", 0, "surprise"), 1),
        ((part, "members", 1, "members"), [node[part]]),
        ((part, "members", 0, "schema"), "2.0.0"),
    ]
    for spoiled, rows in ((report, must_fail), (acceptance, must_fail_of_acceptance), (node, must_fail_of_node)):
        for path, value in rows:
            if validator.is_valid(changed(spoiled, path, value)):
                problems.append(f"the schema lets {'.'.join(map(str, path))} = {str(value)[:60]!r} pass")
    if report[part]["results"][8]["latency"] is None:
        problems.append("the example has lost its latency, so nothing shows that the schema takes one")
    # Null is allowed where a figure may be unknown.
    if not validator.is_valid(changed(report, first + ("achieved_per_s",), None)):
        problems.append("the schema refuses an unknown achieved_per_s")

    if report[part]["schema"] != schema["$defs"]["peakproof"]["properties"]["schema"]["const"]:
        problems.append("the schema file and the report have different versions")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
