"""scripts/measure_gpu.sh in a made-up checkout: which steps run, what a failing one changes, what is left after a signal.
A program that writes small reports stands for peakproof; one test runs the real one on the stand-in device.

usage: measure_gpu_test.py [BUILD]
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else None
SCRIPTS = ("measure_gpu.sh", "measure_summary.py", "comparison.py", "comparison_tools.py", "update_readme.py", "lib.sh")

# Knows two benchmarks, of which one has a sweep. FAKE_CODES: "accept=3" and the like, by the word of the command.
FAKE = """#!{python}
import json, os, sys, time
arguments = sys.argv[1:]
if arguments == ["list"]:
    print("benchmark  GPU  CPU  executable\\nfp32_fma  yes  yes  bench_fp32_fma\\nlaunch  yes  -  bench_launch\\nl3  -  yes  bench_l3")
    sys.exit(0)
codes = dict(pair.split("=") for pair in os.environ.get("FAKE_CODES", "").split(",") if pair)
files = {{key: value for key, _, value in (a.partition("=") for a in arguments)}}
step = os.path.basename(files.get("--json", "")).removesuffix(".json")
if "--sweep" in arguments and step != "fp32_fma":
    sys.exit(print(f"error: {{step}} has no sweep on this device: others have", file=sys.stderr) or 2)
if "SLEEP" in codes and arguments[0] == "accept":
    open(codes["SLEEP"], "w").close()
    time.sleep(60)
number = int(step[-2:]) if step.startswith("accept") else 0
code = int(codes.get(step, "0" if "--sweep" in arguments else codes.get(arguments[0], "0")))
assert "--anonymous" in arguments
result = {{"name": "fp32_fma", "params": {{}}, "achieved_per_s": 60e12 + 1e12 * number, "unit": "FLOP/s",
          "verdict": "noisy" if code == 3 else "pass", "latency": None}}
call = {{"name": "launch", "params": {{"what": "enqueue"}}, "achieved_per_s": 5e5, "unit": "CALL/s", "verdict": "no_theory",
        "latency": None}}
report = {{"device": {{"name": "Made-up H200", "kind": "gpu", "stand_in": False, "power_limit_w": 700.0,
                     "facts": {{"driver": "580"}}}}, "started": "then", "finished": "later", "duration_s": 41.5,
          "tool": {{"version": "0.1.0", "commit": os.environ["FAKE_COMMIT"][:12]}}, "results": [result, call]}}
if code != 4:
    with open(files["--json"], "w") as file:
        json.dump({{"peakproof": report}}, file)
print("measured")
sys.exit(code)
"""
CTEST = 'add_test(small_gpu_test "{program}")\nset_tests_properties(small_gpu_test PROPERTIES LABELS gpu SKIP_RETURN_CODE 77)\n'


def git(folder, *arguments):
    done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments], cwd=folder, capture_output=True,
                          text=True, check=True)
    return done.stdout.strip()


class Measure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.room = Path(folder.name)
        self.root, self.bin, self.build, self.out = (self.room / name for name in ("root", "bin", "build", "out"))
        (self.root / "scripts").mkdir(parents=True)
        for name in SCRIPTS:
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts" / name)
        (self.root / ".gitignore").write_text("__pycache__\n")
        git(self.root, "init", "-q")
        git(self.root, "add", ".")
        git(self.root, "commit", "-qm", "made up")
        self.commit = git(self.root, "rev-parse", "HEAD")
        self.bin.mkdir()
        self.build.mkdir()
        self.program(self.build / "peakproof", FAKE.format(python=sys.executable))
        self.gpu_test(0)

    def program(self, path, text):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def gpu_test(self, code):
        program = self.build / "small_gpu_test"
        self.program(program, f"#!/bin/sh\nexit {code}\n")
        (self.build / "CTestTestfile.cmake").write_text(CTEST.format(program=program), encoding="utf-8")

    def environment(self, codes=""):
        env = {key: value for key, value in os.environ.items() if not key.startswith(("LD_PRELOAD", "PEAKPROOF"))}
        return env | {"PATH": f"{self.bin}:{env['PATH']}", "FAKE_CODES": codes, "FAKE_COMMIT": self.commit}

    def command(self, *options):
        return ["bash", str(self.root / "scripts" / "measure_gpu.sh"), "--build", str(self.build), *options, str(self.out)]

    def measure(self, *options, codes="", code=0):
        done = subprocess.run(self.command(*options), env=self.environment(codes), cwd=self.room, capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def summary(self):
        text = (self.out / "summary.md").read_text(encoding="utf-8")
        self.assertNotIn(str(self.room), text)  # no folder of this machine
        steps = {}
        for line in text.split("\n\n## Spread", maxsplit=1)[0].splitlines():
            cells = line.strip("| ").split(" | ")
            if len(cells) == 5:
                steps[cells[0]] = (cells[1].strip("*"), cells[2])
        return text, steps

    def assert_nothing_half_written(self):
        self.assertEqual([str(path) for path in self.out.rglob("*") if path.name.endswith(".part") or ".summary" in path.name
                          or ".comparison" in path.name], [])

    def test_all_steps(self):
        self.program(self.bin / "compute-sanitizer", "#!/bin/sh\nexit 0\n")
        self.program(self.bin / "babelstream", "#!/bin/sh\n[ \"$1\" = --csv ] && printf 'function,max_MB_per_sec\\nCopy,1\\n'\n")
        self.program(self.bin / "clpeak", "#!/bin/sh\n[ \"$1\" = --json-file ] && echo '{}' >\"$2\"; echo to be thrown away\n")
        self.measure("--repeat", "3", code=1)  # what clpeak says is none of its formats
        text, steps = self.summary()
        expected = {"gpu_tests", "memcheck_small_gpu_test", "racecheck_small_gpu_test", "initcheck_small_gpu_test", "run",
                    "sweep_fp32_fma", "accept_01", "accept_02", "accept_03", "tool_babelstream", "tool_clpeak"}
        self.assertEqual({name for name, step in steps.items() if step == ("passed", "0")}, expected)
        self.assertEqual(steps["comparison"], ("failed", "1"))
        self.assertEqual({name for name, step in steps.items() if step[0] == "not run"},
                         {"sweep_launch", "tool_nvbandwidth", "tool_mixbench-cuda", "tool_gpu-stream", "tool_gpu-l2-cache",
                          "tool_gpu-cache", "tool_gpu-latency"})
        self.assertNotIn("sweep_l3", steps)  # not of a GPU
        self.assertIn(f"Commit {self.commit}.", text)
        self.assertIn("Made-up H200, driver 580, power limit 700 W", text)
        self.assertNotIn("No reference", text)
        self.assertIn("| fp32_fma | 3 of 3 | 62 TFLOP/s | 61 TFLOP/s | 63 TFLOP/s | 3.23 % |", text)
        self.assertIn("| launch enqueue | 3 of 3 | 2 us | 2 us | 2 us | 0.00 % |", text)
        self.assertEqual((self.out / "tools" / "clpeak.json").read_text(), "{}\n")
        self.assertIn("Copy,1", (self.out / "tools" / "babelstream.csv").read_text())
        self.assertTrue((self.out / "comparison.md").is_file())
        self.assertEqual(json.loads((self.out / "sweeps" / "fp32_fma.json").read_text())["peakproof"]["started"], "then")
        self.assert_nothing_half_written()

    def test_a_failing_step_stops_nothing_and_decides_the_exit_code(self):
        both = {"accept_01", "accept_02"}
        for codes, code, failed in (("run=1", 1, {"run"}), ("accept_01=3", 3, {"accept_01"}),
                                    ("fp32_fma=5", 5, {"sweep_fp32_fma"}), ("run=3,accept=4", 4, both | {"run"}),
                                    ("accept=2", 3, both), ("accept=3,fp32_fma=1", 1, both | {"sweep_fp32_fma"}),
                                    ("run=139", 3, {"run"})):
            with self.subTest(codes):
                shutil.rmtree(self.out, ignore_errors=True)
                self.measure("--repeat", "2", codes=codes, code=code)
                text, steps = self.summary()
                self.assertEqual({name for name, step in steps.items() if step[0] == "failed"}, failed)
                self.assertIn(f"Exit code {code}: ", text)
                self.assertIn("accept_02", steps)
        self.assertIn("fp32_fma | 2 of 2", text)

    def test_a_figure_that_is_missing_in_some_is_named(self):
        self.measure("--repeat", "3", codes="accept_02=3", code=3)
        text, _ = self.summary()
        self.assertIn("| fp32_fma | 2 of 3 | 62 TFLOP/s |", text)
        self.assertIn("* fp32_fma: measured in 2 of 3 (1 x noisy, 2 x pass)", text)
        shutil.rmtree(self.out)
        self.measure("--repeat", "2", codes="accept_02=4", code=4)  # and leaves no report
        self.assertIn("**1 of 2 acceptances left no report that could be read.**", self.summary()[0])

    def test_tests_and_sanitizers(self):
        self.program(self.bin / "compute-sanitizer", '#!/bin/sh\ncase "$2" in racecheck) exit 9 ;; esac\nexec "$5"\n')
        for of_test, code, outcome in ((0, 1, ("passed", "0")), (77, 1, ("skipped", "77")), (1, 1, ("failed", "8"))):
            with self.subTest(of_test):
                shutil.rmtree(self.out, ignore_errors=True)
                self.gpu_test(of_test)
                self.measure("--repeat", "1", code=code)
                _, steps = self.summary()
                self.assertEqual(steps["gpu_tests"], outcome)
                self.assertEqual(steps["racecheck_small_gpu_test"], ("failed", "9"))
                self.assertEqual(steps["memcheck_small_gpu_test"][1], str(of_test))
        self.program(self.bin / "compute-sanitizer", "#!/bin/sh\nexit 77\n")  # all skipped: nothing failed, nothing was shown
        shutil.rmtree(self.out)
        self.gpu_test(77)
        self.measure("--repeat", "1", code=3)
        shutil.rmtree(self.out)
        (self.build / "CTestTestfile.cmake").unlink()
        self.measure("--repeat", "1", code=3)
        self.assertEqual(self.summary()[1]["gpu_tests"], ("not run", "-"))

    def test_a_tool_that_fails_leaves_no_file(self):
        self.program(self.bin / "nvbandwidth", "#!/bin/sh\necho half; exit 1\n")
        self.program(self.bin / "babelstream", "#!/bin/sh\nexit 0\n")  # and says nothing
        self.measure("--repeat", "1", code=3)
        _, steps = self.summary()
        self.assertEqual((steps["tool_nvbandwidth"], steps["tool_babelstream"]), (("failed", "1"), ("failed", "1")))
        self.assertEqual(list((self.out / "tools").iterdir()), [])

    def test_uncommitted_changes(self):
        (self.root / "new.txt").write_text("")
        done = self.measure(code=2)
        self.assertIn("uncommitted changes", done.stderr)
        self.assertFalse(self.out.exists())
        self.measure("--allow-dirty", "--quick", "--repeat", "1")
        self.assertIn("**No reference: a quick run, uncommitted changes.**", self.summary()[0])

    def test_an_executable_of_another_commit_is_no_reference(self):
        commit, self.commit = self.commit, "f" * 40
        self.measure("--repeat", "1")
        self.commit = commit
        self.assertIn("**No reference: an executable of another state (ffffffffffff).**", self.summary()[0])

    def test_usage(self):
        for options, says in ((["--wrong"], "--wrong"), (["--repeat", "0"], "--repeat 0"), (["--repeat"], "--repeat"),
                              (["--benchmarks", "fp32_fma,l3"], "'l3'"), (["--build", str(self.room)], "no peakproof"),
                              (["other"], "two folders")):
            done = subprocess.run(self.command(*options) if options != ["--repeat"] else self.command()[:-1] + options,
                                  env=self.environment(), capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(says, done.stderr.splitlines()[-1])
            self.assertFalse(self.out.exists())
        self.out.mkdir()
        (self.out / "old").write_text("kept")
        self.assertIn("is there already", self.measure(code=2).stderr)
        self.assertEqual((self.out / "old").read_text(), "kept")

    def test_a_signal_leaves_a_summary(self):
        asleep = self.room / "asleep"
        process = subprocess.Popen(self.command("--repeat", "2"), env=self.environment(f"SLEEP={asleep}"),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not asleep.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 128 + signal.SIGTERM)
        text, steps = self.summary()
        self.assertEqual(steps["run"], ("passed", "0"))
        self.assertEqual(steps["interrupted"], ("failed", "143"))
        self.assertNotIn("accept_02", steps)
        self.assertIn("Exit code 143", text)
        self.assert_nothing_half_written()

    def test_the_real_program_on_the_stand_in(self):
        if BUILD is None or not (BUILD / "tests" / "stand_in" / "libpeakproof_stand_in.so").exists():
            self.skipTest("no build with the stand-in was named")
        stand_in = BUILD / "tests" / "stand_in"
        self.program(self.build / "peakproof", f"""#!/bin/sh
export LD_PRELOAD={stand_in}/libpeakproof_stand_in.so LD_LIBRARY_PATH={stand_in}/nvml PEAKPROOF_STAND_IN=mem_mib=256
export XDG_RUNTIME_DIR={self.room}
exec {BUILD}/peakproof "$@"
""")
        self.measure("--benchmarks", "fp32_fma", "--quick", "--repeat", "2", code=1)  # a stand-in is not compared
        text, steps = self.summary()
        self.assertEqual({name for name, step in steps.items() if step[0] == "failed"}, {"comparison"})
        self.assertIn("a STAND-IN device, which is none", text)
        self.assertIn("| fp32_fma | 2 of 2 | ", text)
        self.assertFalse((self.out / "comparison.md").exists())
        report = json.loads((self.out / "sweeps" / "fp32_fma.json").read_text(encoding="utf-8"))["peakproof"]
        self.assertTrue(all("ilp" in result["params"] for result in report["results"]))


if __name__ == "__main__":
    unittest.main()
