#!/usr/bin/env python3
"""The folders are the architecture, and their arrows point one way: reads every #include line and fails on any other.

    theory  -> the C++ standard library only
    kernels -> kernels, the standard and C libraries, CUDA, cuBLAS, cuDNN, Highway, oneDNN
    models  -> models, theory, the standard library, fmt; the ONNX library in .cpp files named onnx_*
    reports -> reports, theory, the standard and C libraries, fmt; nlohmann/json in *json*.cpp, OpenSSL, zlib
    bench   -> all of these and CLI11, OpenSSL; Google Benchmark in one .cpp
    scripts -> never the C++, but for the audit (the kernels' data sheets) and the lint
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {".cpp", ".hpp", ".h", ".cc", ".cu", ".cuh", ".inc"}

OURS = ("theory", "kernels", "reports", "bench", "models", "scripts", "tests", "docs")
# What a folder may include: other folders of ours, and kinds of foreign header.
ARROWS = {
    "theory": ({"theory"}, {"standard"}),
    "kernels": ({"kernels"}, {"standard", "system", "cuda", "cublas", "cudnn", "highway", "onednn"}),
    "models": ({"models", "theory"}, {"standard", "system", "fmt", "onnx"}),
    "reports": ({"reports", "theory"}, {"standard", "system", "fmt", "json", "openssl", "zlib"}),
    "bench": ({"bench", "reports", "models", "kernels", "theory"},
              {"standard", "system", "cuda", "cublas", "nvml", "fmt", "cli11", "openssl", "benchmark"}),
}
# Kinds of header that exactly one .cpp of one folder may include, so that it can be replaced in one place.
ONE_FILE = {"benchmark": "bench"}
# The kind of header that only the .cpp files of reports with its name in theirs may include: json.cpp, policy_json.cpp.
BY_NAME = {"json": "reports", "onnx": "models"}
# Made while building, so not in the tree: what of it a folder may include.
GENERATED = {"bench": {"audit/table.inc"}}
# Scripts whose business the C++ is.
READS_CPP = {"sass_audit.py", "lint.py"}

SYSTEM = """assert ctype errno fenv float inttypes limits locale math setjmp signal stdarg stdbool stddef stdint stdio
    stdlib string time wchar
    arm_neon cpuid dlfcn elf fcntl glob immintrin link poll pthread pwd sched semaphore spawn termios unistd x86intrin"""
KINDS = (  # the first that matches
    ("standard", r"[a-z][a-z_0-9]*"),  # <vector>, <cmath>: no folder, no suffix
    ("system", r"(sys|linux|arpa|netinet|asm)/[a-z_0-9/]+\.h"),
    ("system", rf"({'|'.join(SYSTEM.split())})\.h"),
    ("cublas", r"cublas\w*\.h"),
    ("cudnn", r"cudnn\w*\.h"),
    ("onednn", r"dnnl\w*\.hpp|oneapi/dnnl/.+"),
    ("onnx", r"(onnx|google/protobuf)/.+"),
    ("nvml", r"nvml\.h"),
    ("cuda", r"(cuda|device|vector|sm_)\w*\.h|mma\.h|cooperative_groups(/\w+)?\.h|(cuda|nv|cub)/.+"),
    ("highway", r"hwy/.+"),
    ("fmt", r"fmt/.+"),
    ("json", r"nlohmann/.+"),
    ("cli11", r"CLI/.+"),
    ("openssl", r"openssl/.+"),
    ("zlib", r"zlib\.h"),
    ("benchmark", r"benchmark/.+"),
)


def kind_of(header):
    return next((kind for kind, pattern in KINDS if re.fullmatch(pattern, header)), "unknown")


def includes(text):
    """(line number, form, name) of each #include; form is '"', '<' or '' where a macro stands instead of a name."""
    text = re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment.group().count("\n"), text, flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        directive = re.match(r"\s*#\s*(?:include|include_next|import)\b\s*(.*)", line)
        if not directive:
            continue
        name = re.match(r'(["<])([^">]+)[">]', directive.group(1))
        yield (number, name.group(1), name.group(2).strip()) if name else (number, "", directive.group(1).strip())


def violations(root):
    """One line for each arrow that points the wrong way."""
    found = []
    users = {kind: [] for kind in ONE_FILE}
    for folder, (folders, kinds) in ARROWS.items():
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            where = path.relative_to(root)
            for line, form, name in includes(path.read_text(encoding="utf-8", errors="replace")):
                target = name.split("/")[0]
                if form == "":
                    found.append(f"{where}:{line}: '{name}' is no plain name: an arrow must be readable")
                elif name in GENERATED.get(folder, ()):
                    continue
                elif target in OURS and "/" in name:
                    if target not in folders:
                        found.append(f"{where}:{line}: {folder} must not include {target} ('{name}')")
                elif kind_of(name) == "unknown" or (form == '"' and kind_of(name) in ("standard", "system")):
                    found.append(f"{where}:{line}: '{name}' is neither a path from the top nor a known library")
                elif kind_of(name) not in kinds:
                    found.append(f"{where}:{line}: {folder} must not include {kind_of(name)} ('{name}')")
                elif kind_of(name) in BY_NAME:
                    kind = kind_of(name)
                    if folder != BY_NAME[kind] or path.suffix != ".cpp" or kind not in path.stem:
                        found.append(f"{where}:{line}: {kind} belongs into the .cpp files of {BY_NAME[kind]} named after it")
                elif kind_of(name) in ONE_FILE:
                    users[kind_of(name)].append(where)
    for kind, folder in ONE_FILE.items():
        files = sorted(set(users[kind]))
        if len(files) > 1 or any(f.suffix != ".cpp" or f.parts[0] != folder for f in files):
            found.append(f"{kind} belongs in one .cpp of {folder}, and is included by {', '.join(map(str, files))}")
    for path in sorted((root / "scripts").rglob("*")):
        if path.suffix not in {".py", ".sh"} or path.name in READS_CPP:
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(r"\.(cpp|hpp|cuh?)\b", text):
                found.append(f"{path.relative_to(root)}:{line}: a script reads JSON and binaries, never the C++")
    return found


class OurTree(unittest.TestCase):
    def test_every_arrow_points_the_right_way(self):
        self.assertEqual([], violations(ROOT))

    def test_every_folder_is_read(self):
        for folder in ARROWS:
            files = [p for p in (ROOT / folder).rglob("*") if p.suffix in SOURCES]
            self.assertTrue(any(any(includes(p.read_text())) for p in files), f"no #include found in {folder}/")


class MadeUpTree(unittest.TestCase):
    """The test bites: each forbidden arrow alone is found, and nothing is found without one."""

    GOOD = {
        "theory/peak.hpp": "#include <vector>\n",
        "theory/peak.cpp": '#include "theory/peak.hpp"\n// #include "reports/a.hpp"\n/*\n#include <fmt/core.h>\n*/\n',
        "kernels/fma.hpp": "#include <cuda_runtime_api.h>\n#include <cstdint>\n",
        "kernels/fma.cu": '#include <mma.h>\n#include <cooperative_groups.h>\n#include "kernels/fma.hpp"\n',
        "kernels/cpu/fma.cpp": '#include <sched.h>\n#include "hwy/highway.h"\n',
        "reports/result.hpp": '#include "theory/peak.hpp"\n',
        "reports/json.cpp": '#include <nlohmann/json.hpp>\n#include "reports/result.hpp"\n',
        "reports/policy_json.cpp": "#include <nlohmann/json.hpp>\n",
        "bench/run.cpp": '#include <CLI/CLI.hpp>\n#include "kernels/fma.hpp"\n#include "reports/result.hpp"\n',
        "bench/gb.cpp": "#include <benchmark/benchmark.h>\n",
        "tests/anything.hpp": "#include <nlohmann/json.hpp>\n",
        "scripts/merge.py": "print('report.json')\n",
        "scripts/sass_audit.py": "open('kernels/fma.hpp')\n",
    }
    BAD = {
        "theory includes reports": ("theory/a.hpp", '#include "reports/result.hpp"'),
        "theory includes fmt": ("theory/a.cpp", "#include <fmt/core.h>"),
        "theory includes CUDA": ("theory/a.cpp", "#include <cuda_runtime.h>"),
        "theory includes POSIX": ("theory/a.cpp", "#include <unistd.h>"),
        "kernels include theory": ("kernels/a.cu", '#include "theory/peak.hpp"'),
        "kernels include reports": ("kernels/cpu/a.hpp", '  #  include "reports/result.hpp"'),
        "kernels include bench": ("kernels/a.cpp", '#include "bench/run.cpp"'),
        "kernels include fmt": ("kernels/a.cpp", "#include <fmt/core.h>"),
        "reports include kernels": ("reports/a.cpp", '#include "kernels/fma.hpp"'),
        "reports include CUDA": ("reports/a.cpp", "#include <cuda_runtime.h>"),
        "json in a file of another name": ("reports/a.cpp", "#include <nlohmann/json.hpp>"),
        "json in a header": ("reports/a_json.hpp", "#include <nlohmann/json_fwd.hpp>"),
        "json in bench": ("bench/a.cpp", "#include <nlohmann/json.hpp>"),
        "Google Benchmark in a second file": ("bench/a.cpp", "#include <benchmark/benchmark.h>"),
        "Google Benchmark in kernels": ("kernels/a.cpp", "#include <benchmark/benchmark.h>"),
        "bench includes tests": ("bench/a.cpp", '#include "tests/anything.hpp"'),
        "a path that climbs": ("theory/a.cpp", '#include "../reports/result.hpp"'),
        "a path from the own folder": ("reports/a.cpp", '#include "result.hpp"'),
        "a name behind a macro": ("theory/a.cpp", "#include RESULT_HEADER"),
        "angle brackets around ours": ("theory/a.cpp", "#include <reports/result.hpp>"),
        "an unknown library": ("bench/a.cpp", "#include <boost/any.hpp>"),
        "a script that reads the C++": ("scripts/merge.py", "open('reports/result.hpp')"),
    }

    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            path = Path(folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Path(folder.name)

    def test_a_right_tree_passes(self):
        self.assertEqual([], violations(self.tree(self.GOOD)))

    def test_each_wrong_arrow_is_found(self):
        for what, (name, line) in self.BAD.items():
            with self.subTest(what):
                found = violations(self.tree({**self.GOOD, name: line + "\n"}))
                self.assertEqual(1, len(found), found)
                self.assertIn(name, found[0])


if __name__ == "__main__":
    sys.exit(unittest.main())
