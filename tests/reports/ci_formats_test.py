"""The JUnit XML against its schema (xmllint) and against itself, the Prometheus text against promtool and against itself.

usage: ci_formats_test.py SCHEMA REPORT.xml... REPORT.prom...     xmllint and promtool are used where they are found
"""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SAMPLE = re.compile(r'(?P<name>[a-z_]+)\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\}))?)*)\} '
                    r"(?P<value>[-+0-9.e]+)")


def tool(name):
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def checked(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{' '.join(command)}: {done.stdout}{done.stderr}"


def junit_problems(schema, text):
    """Against the schema, and what no schema can say: the counts, and that a rejected report is not green."""
    problems = []
    if xmllint := tool("xmllint"):
        problem = checked([xmllint, "--noout", "--nonet", "--schema", str(schema), "-"], text)
        problems += [problem] if problem else []
    for index, suite in enumerate(ElementTree.fromstring(text)):
        cases = suite.findall("testcase")
        counts = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")),
                  "errors": len(suite.findall("testcase/error")), "skipped": len(suite.findall("testcase/skipped"))}
        for key, value in counts.items():
            if int(suite.get(key)) != value:
                problems.append(f"suite {suite.get('name')}: {key} is {suite.get(key)}, there are {value}")
        if int(suite.get("id")) != index:
            problems.append(f"suite {index} has the id {suite.get('id')}")
        (verdict,) = [case for case in cases if case.get("name") == "verdict"]
        accepted = "(exit 0)" in suite.find("system-out").text
        if accepted != (len(verdict) == 0):
            problems.append(f"suite {suite.get('name')}: the case 'verdict' is not what the verdict says")
        if not accepted and counts["failures"] + counts["errors"] == 0:
            problems.append(f"suite {suite.get('name')}: not accepted, and all green")
        for told in suite.findall("testcase/failure") + suite.findall("testcase/error"):
            if told.text != told.get("message"):
                problems.append("a body that does not repeat its message")
    return problems


def prometheus_problems(text):
    problems = []
    if promtool := tool("promtool"):
        problem = checked([promtool, "check", "metrics"], text)
        problems += [problem] if problem else []
    if not text.endswith("\n"):
        problems.append("no line break at the end")
    seen, helped, family, done = set(), set(), None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split()[2])
            done.add(family)
            family = line.split()[2]
            if family in done:
                problems.append(f"{family}: in two pieces")
            continue
        if line.startswith("# TYPE "):
            continue
        match = SAMPLE.fullmatch(line)
        if not match:
            problems.append(f"no sample: {line}")
            continue
        if match["name"] != family or match["name"] not in helped:
            problems.append(f"{match['name']}: not below its HELP")
        if (key := (match["name"], match["labels"])) in seen:
            problems.append(f"twice: {line}")
        else:
            seen.add(key)
        if not match["name"].startswith("peakproof_"):
            problems.append(f"{match['name']}: a foreign name")
    return problems


def broken(text, *changes):
    """The text with a change that a check must notice."""
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"nothing to break: {old!r}")
        text = text.replace(old, new, 1)
    return text


def main(schema, files):
    bad = []
    for name in files:
        text = Path(name).read_text(encoding="utf-8")
        if name.endswith(".xml"):
            bad += [f"{name}: {problem}" for problem in junit_problems(schema, text)]
            for change in (('failures="', 'failures="1'), ("<testcase name=", "<testcase nome="), ("</system-out>", "</system-in>")):
                try:
                    if not junit_problems(schema, broken(text, change)):
                        bad.append(f"{name}: {change} is not noticed")
                except (ElementTree.ParseError, ValueError):
                    pass
        else:
            bad += [f"{name}: {problem}" for problem in prometheus_problems(text)]
            first = next(line for line in text.splitlines() if not line.startswith("#"))
            for change in ((first, f"{first}\n{first}"), ("# HELP", "# HULP"), (' gauge\n', ' gauge\nnan{} x\n')):
                if not prometheus_problems(broken(text, change)):
                    bad.append(f"{name}: {change} is not noticed")
    print("\n".join(bad) or f"{len(files)} files; xmllint: {tool('xmllint')}, promtool: {tool('promtool')}")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
