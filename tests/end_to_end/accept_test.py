"""peakproof accept: plan, measuring, measuring again, verdict, on one stand-in GPU and on nodes of several."""

import re
import tempfile

from peakproof import *

# A chain and a cache: a result that is judged and one that is not, in two workers, and quick to play.
FEW = ("fp32_fma", "l2")


class Accept(EndToEnd):
    def accept(self, *arguments, stand_in=SMALL, code=PASSED, timeout=60, env=None):
        """Runs with --json=FILE; the report agrees with the exit code."""
        file = self.folder / "report.json"
        done = run("peakproof", "accept", *arguments, f"--json={file}", stand_in=stand_in, timeout=timeout, env=env)
        self.assertEqual(done.code, code, f"stdout: {done.out[-3000:]}\nstderr: {done.err}")
        self.assert_plain(done.out + done.err)
        report = parse(file.read_text())["peakproof"]
        self.assertEqual(report["exit_code"], code)
        self.assertTrue(report["acceptance"]["policy_sha256"])
        self.assert_no_contradiction(file, code)
        done.saved = report
        return done

    def assert_no_contradiction(self, file, code):
        """The saved report is believed, and says the same again."""
        again = run("peakproof", "report", file, f"--md={self.folder}/again.md")
        self.assertEqual(again.code, code, again.err)

    def failed(self, report, *statuses):
        """Ids of the checks of this status in the report and its members."""
        statuses = statuses or ("fail",)
        ids = [check["id"] for check in report["checks"] if check["status"] in statuses]
        for member in report.get("members") or []:
            ids += self.failed(member, *statuses)
        return ids

    def result(self, report, name):
        (result,) = [result for result in report["results"] if result["name"] == name]
        return result

    def refused(self, *arguments, says, stand_in=SMALL, code=USAGE, env=None):
        return self.refuse("peakproof", "accept", *arguments, says=says, stand_in=stand_in, code=code, env=env)


class OneGpu(Accept):
    def test_healthy(self):
        done = self.accept(*FEW)
        self.assertEqual(done.saved["verdict"], "pass")
        self.assertEqual(done.saved["acceptance"]["level"], "quick")
        self.assertEqual(done.saved["scope"], "device")
        self.assertGreater(done.saved["acceptance"]["planned_s"], 0)
        self.assertEqual(self.failed(done.saved), [])
        self.assertEqual(done.saved["completeness"]["missing"], [])
        self.assertEqual(done.out.splitlines()[-1], "verdict: pass (exit 0)")
        self.assertTrue(all(len(line) <= 120 for line in done.out.splitlines()))
        self.assertIn("plan: level quick on cuda:0", done.err)

    def test_the_whole_of_quick(self):
        done = self.accept(stand_in="", timeout=120)
        names = {result["name"] for result in done.saved["results"]}
        self.assertLessEqual({"fp32_fma", "fp64_fma", "dram", "l2", "shared", "wgmma", "wmma", "pcie"}, names)
        verdicts = {result["verdict"] for result in done.saved["results"]}
        self.assertLessEqual(verdicts, {"pass", "no_theory", "skipped"})

    def test_slow_is_measured_again_and_rejected(self):
        done = self.accept(*FEW, stand_in="speed=0.5", code=REJECTED)
        result = self.result(done.saved, "fp32_fma")
        self.assertEqual(result["verdict"], "below")
        self.assertGreaterEqual(len(result["attempts"]), 1)  # two that agree have decided
        self.assertLessEqual(len(result["attempts"]), 2)
        self.assertIn("measured again", done.err)
        self.assertEqual(done.out.splitlines()[-1], "verdict: rejected (exit 1)")

    def test_no_retest(self):
        done = self.accept(*FEW, "--no-retest", stand_in="speed=0.5", code=REJECTED)
        self.assertEqual(self.result(done.saved, "fp32_fma")["attempts"], [])
        self.assertNotIn("measured again", done.err)

    def test_noise_is_measured_again(self):
        done = self.accept(*FEW, stand_in="noise=time", code=INCONCLUSIVE)
        self.assertTrue(self.result(done.saved, "fp32_fma")["attempts"])

    def test_wrong_is_never_measured_again(self):
        for flaw in ("wrong", "nan"):
            with self.subTest(flaw):
                done = self.accept("fp32_fma", stand_in=f"flaw={flaw}", code=FAULT)
                result = self.result(done.saved, "fp32_fma")
                self.assertEqual(result["verdict"], "incorrect")
                self.assertEqual(result["attempts"], [])
                self.assertNotIn("measured again", done.err)

    def test_lost(self):
        done = self.accept(*FEW, stand_in="lost=150", code=FAULT)
        self.assertNotIn("measured again", done.err)
        self.assertEqual(done.saved["verdict"], "device_fault")

    def test_lost_before_the_plan(self):
        done = self.accept(*FEW, stand_in="lost=2", code=FAULT)
        self.assertEqual(done.saved["results"], [])
        self.assertIn("run.device", self.failed(done.saved))

    def test_a_crash_costs_one_benchmark(self):
        done = self.accept(*FEW, stand_in="crash=30", code=INCONCLUSIVE)
        self.assertIn("SIGSEGV", json.dumps(done.saved))

    def test_memory_errors(self):
        self.accept("fp32_fma", stand_in="ecc_errors=2", code=FAULT)
        self.accept("fp32_fma", stand_in="remap=failed", code=REJECTED)

    def test_strict(self):
        settings = "persistence=off"  # a warning
        relaxed = self.accept("fp32_fma", stand_in=settings)
        self.assertTrue(self.failed(relaxed.saved, "warn"))
        strict = self.accept("fp32_fma", "--strict", stand_in=settings, code=REJECTED)
        self.assertIn("--strict", json.dumps(strict.saved["checks"]))
        self.assertEqual(self.failed(strict.saved, "warn"), [])
        again = run("peakproof", "verify", self.folder / "report.json")
        self.assertEqual(again.code, REJECTED, again.err)

    def test_quiet(self):
        silent = self.accept("fp32_fma", "--quiet")
        self.assertEqual((silent.out, silent.err), ("", ""))
        told = self.accept("fp32_fma", "--quiet", stand_in="speed=0.5", code=REJECTED)
        self.assertEqual(told.out.splitlines()[-1], "verdict: rejected (exit 1)")

    def test_every_format(self):
        files = [self.folder / f"out.{name}" for name in ("md", "csv", "html")]
        self.accept("fp32_fma", *[f"--{file.suffix[1:]}={file}" for file in files])
        for file in files:
            self.assertIn("fp32_fma", file.read_text(), file)

    def test_anonymous(self):
        outputs = {name: self.folder / f"out.{name}" for name in ("json", "md", "csv", "html")}
        done = run("peakproof", "accept", *FEW, "--anonymous", *[f"--{name}={file}" for name, file in outputs.items()],
                   stand_in="count=2;1:speed=0.5")
        self.assertEqual(done.code, REJECTED, done.err)
        host = os.uname().nodename
        for name, file in outputs.items():
            text = file.read_text()
            self.assertNotIn("57a2d120", text, name)
            self.assertNotIn("00000000:17:00.0", text, name)
            if len(host) > 3:
                self.assertNotIn(host, text, name)
        self.assertNotIn("57a2d120", done.out)

    def test_the_cpu_for_real(self):
        done = run("peakproof", "accept", "--device", "cpu", "l1", "--no-retest", f"--json={self.folder}/cpu.json")
        self.assertIn(done.code, (PASSED, REJECTED, INCONCLUSIVE), done.err)  # it measures the machine that it runs on
        report = parse((self.folder / "cpu.json").read_text())["peakproof"]
        self.assertEqual(report["exit_code"], done.code)
        self.assertEqual([result["name"] for result in report["results"]], ["l1"])


class Plan(Accept):
    BUDGET = {"quick": 60, "standard": 600, "extended": 3600}

    def plan(self, level, stand_in, *arguments):
        done = run("peakproof", "accept", "--dry-run", "--level", level, *arguments, stand_in=stand_in)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertEqual(done.err, "")
        return done.out

    def test_every_level_on_every_architecture(self):
        for cc in ("7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "12.0"):
            for level, budget in self.BUDGET.items():
                if level == "extended" and cc not in ("7.5", "9.0", "12.0"):
                    continue  # has no filter that could miss
                with self.subTest(cc=cc, level=level):
                    text = self.plan(level, f"cc={cc}")
                    (seconds,) = re.findall(r"about (\d+) s \(a prediction\)", text)
                    self.assertLess(int(seconds), budget)
                    planned = {line.strip().split("/")[0] for line in text.splitlines() if line.startswith("  ")}
                    self.assertLessEqual({"fp32_fma", "fp64_fma", "dram", "l2", "shared", "wmma", "pcie"}, planned)
                    self.assertEqual("wgmma" in planned, cc == "9.0" or level == "extended")
                    left_out = set(re.findall(r"left out: (\w+): ", text))
                    self.assertIn("p2p", left_out)
                    known = {"p2p"} if level == "extended" else {"p2p", "wgmma", "mma", "wmma_gemm"}
                    self.assertLessEqual(left_out, known)
                    if level == "quick" and cc != "9.0":
                        self.assertIn("  mma/shape:m16n8k32/type:fp8_e4m3\n", text)

    def test_quick_takes_the_best_tensor_instruction(self):
        text = self.plan("quick", "")
        self.assertIn("  wgmma/a:shared/data:random/n:256/sparsity:dense/type:fp8_e4m3\n", text)
        self.assertIn("left out: mma: wgmma measures the same unit", text)
        self.assertNotIn("mode:burst", text)

    def test_every_benchmark_but_networks_is_in_extended(self):
        listed = run("peakproof", "list", stand_in="").out
        extended = self.plan("extended", "count=2")
        names = re.findall(r"^(\w+) +(?:yes|-) +(?:yes|-) ", listed, re.M)
        self.assertGreater(len(names), 25)
        planned = {line.split("/")[0].strip() for line in extended.splitlines() if line.startswith("  ")}
        self.assertEqual(set(names) - planned, {"inference", "training"})  # which have no floor

    def test_a_node(self):
        one = self.plan("quick", "count=8,nvlinks=18", "--device", "cuda:0")
        self.assertEqual(len(re.findall(r"^  p2p/.*from:cuda:0/", one, re.M)), 7)
        self.assertLess(int(re.findall(r"about (\d+) s", one)[0]), 60)
        text = self.plan("quick", "count=2", "--parallel")
        self.assertIn("2 devices, all at once but for what they share", text)
        self.assertRegex(text, r"(?m)^  p2p/bytes:\d+/data:random/from:cuda:1/to:cuda:0/way:one$")

    def test_named_benchmarks(self):
        text = self.plan("quick", "", "sfu", "dram")
        self.assertIn("  sfu/function:ex2\n", text)
        self.assertNotIn("pattern:scale", text)
        self.assertNotIn("fp32_fma", text)


class Node(Accept):
    def test_healthy(self):
        done = self.accept("fp32_fma", stand_in="count=3")
        self.assertEqual(done.saved["scope"], "node")
        self.assertEqual([member["exit_code"] for member in done.saved["members"]], [0] * 3)
        self.assertEqual([member["acceptance"]["level"] for member in done.saved["members"]], ["quick"] * 3)

    def test_one_slow(self):
        by_mode = []
        for mode in ((), ("--parallel",)):
            done = self.accept("fp32_fma", *mode, stand_in="count=4;2:speed=0.5", code=REJECTED)
            by_mode.append([(member["device"]["facts"]["uuid"], member["verdict"],
                             [(check["id"], check["subject"], check["status"]) for check in member["checks"]])
                            for member in done.saved["members"]])
            self.assertEqual([member["verdict"] for member in done.saved["members"]],
                             ["pass", "pass", "rejected", "pass"])
        self.assertEqual(*by_mode)

    def test_one_slower_than_its_peers(self):
        # Above every floor; only the others show that it is slow.
        done = self.accept("fp32_fma", stand_in="count=4;1:speed=0.96", code=REJECTED)
        self.assertEqual([member["exit_code"] for member in done.saved["members"]], [0, 1, 0, 0])
        self.assertTrue(any("peer" in check for check in self.failed(done.saved)), self.failed(done.saved))
        self.assertTrue(done.saved["members"][1]["results"][0]["attempts"])

    def test_fewer_than_expected(self):
        done = self.accept("fp32_fma", "--expect-gpus", "4", stand_in="count=2", code=REJECTED)
        self.assertEqual(self.failed(done.saved), ["run.expected_gpus"])
        (check,) = [check for check in done.saved["checks"] if check["id"] == "run.expected_gpus"]
        self.assertIn("2 of 4", check["message"])
        self.assertIn("00000000:27:00.0", check["message"])
        alone = self.accept("fp32_fma", "--expect-gpus", "2", stand_in="", code=REJECTED)
        self.assertIn("run.expected_gpus", self.failed(alone.saved))

    def test_what_is_wrong_with_one_leaves_the_others(self):
        for settings, code, member in (("mig=on", INCONCLUSIVE, 3), ("compute_mode=prohibited", INCONCLUSIVE, 3),
                                       ("lost=150", FAULT, 4), ("flaw=wrong", FAULT, 4)):
            with self.subTest(settings):
                done = self.accept("fp32_fma", stand_in=f"count=3;1:{settings}", code=code)
                self.assertEqual([each["exit_code"] for each in done.saved["members"]], [0, member, 0])

    def test_chosen_devices(self):
        done = self.accept("fp32_fma", "--device", "cuda:0,cuda:2", stand_in="count=3")
        self.assertEqual([member["device"]["facts"]["pci"] for member in done.saved["members"]],
                         ["00000000:17:00.0", "00000000:37:00.0"])


class Resume(Accept):
    def test_goes_on(self):
        file = self.folder / "report.json"
        process = start("peakproof", "accept", "fp32_fma", "shared", "l2", f"--json={file}",
                        stand_in="pause_ms=20")
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and not (file.exists() and parse(file.read_text())["peakproof"]["results"]):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        ended = finish(process)
        self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(ended.code, 128 + signal.SIGTERM, ended.err)
        first = parse(file.read_text())["peakproof"]
        self.assertEqual((first["verdict"], first["exit_code"]), ("interrupted", 143))
        self.assertTrue(first["completeness"]["missing"])
        done = self.accept("fp32_fma", "shared", "l2", "--resume", stand_in="")
        self.assertEqual(done.saved["run_id"], first["run_id"])
        self.assertEqual(done.saved["completeness"]["missing"], [])
        self.assertEqual(self.result(done.saved, "fp32_fma")["samples"], self.result(first, "fp32_fma")["samples"])

    def test_of_another_level_or_device(self):
        self.accept("fp32_fma")
        file = self.folder / "report.json"
        self.refused("fp32_fma", "--resume", "--level", "standard", f"--json={file}", says=("--resume", "quick"))
        self.refused("fp32_fma", "l2", "--resume", f"--json={file}", says="--resume")
        before = file.read_text()
        file.write_text(re.sub(r'"exit_code": 0\b', '"exit_code": 1', before))
        self.refused("fp32_fma", "--resume", f"--json={file}", says=str(file))
        file.write_text(before[:-40])
        self.refused("fp32_fma", "--resume", f"--json={file}", says=str(file))


class Soak(Accept):
    def test_rounds_and_the_claim(self):
        done = self.accept("fp32_fma", "--level", "soak", "--hours", "0.001", stand_in="")
        self.assertEqual(done.saved["acceptance"]["level"], "soak")
        self.assertRegex(done.saved["acceptance"]["claim"],
                         r"no failure in .* GPU-hours \(\d+ rounds?\): .* at 95 % confidence")
        self.assertGreaterEqual(int(done.saved["device"]["facts"]["soak_rounds"]), 2)
        self.assertLess(done.saved["duration_s"], 30)
        self.assertIn("soak: ", self.result(done.saved, "fp32_fma")["note"])

    def test_a_failure_leaves_no_claim(self):
        done = self.accept("fp32_fma", "--level", "soak", "--hours", "0.0003", stand_in="count=2;1:speed=0.5",
                           code=REJECTED)
        self.assertIn("nothing is claimed", done.saved["acceptance"]["claim"])
        good, bad = done.saved["members"]
        self.assertIn("no failure", good["acceptance"]["claim"])
        self.assertIn("nothing is claimed", bad["acceptance"]["claim"])


class Refused(Accept):
    def test_options(self):
        for arguments, says in ((("--level", "slow"), "slow"), (("--level", "soak"), "--hours"),
                                (("--hours", "1"), "--level soak"), (("--level", "soak", "--hours", "0"), "--hours"),
                                (("--level", "soak", "--hours", "nan"), "--hours"),
                                (("--level", "soak", "--hours", "-1"), "--hours"),
                                (("--expect-gpus", "0"), "--expect-gpus"), (("--expect-gpus", "x"), "--expect-gpus"),
                                (("--expect-gpus", "2", "--device", "cpu"), "--expect-gpus"),
                                (("--device", "cuda:7"), "cuda:7"), (("--device", "nothing"), "nothing"),
                                (("--device", "cuda:0,cuda:0"), "twice"), (("no_such",), "no_such"),
                                (("--resume",), "--json=FILE"), (("--resume", "--json"), "--json=FILE"),
                                (("--resume", "--level", "soak", "--hours", "1", "--json=x"), "--resume"),
                                (("--json", "--md"), "stdout"), (("--benchmark_filter=x",), "--benchmark_filter"),
                                (("--quick",), "--quick"), (("--timeout", "0"), "--timeout"),
                                (("--explain", "PP-0000"), "PP-0000"),
                                (("--policy", "/nowhere.json"), "/nowhere.json"),
                                (("--baseline", "/nowhere.json"), "/nowhere.json")):
            with self.subTest(arguments):
                self.refused(*arguments, says=says)

    def test_files(self):
        lost = run("peakproof", "accept", "fp32_fma", f"--json={self.folder}/nowhere/a.json", stand_in="")
        self.assertEqual(lost.code, NOT_WRITTEN, lost.err)
        self.assertTrue(lost.err.startswith("warning: --json="), lost.err)  # before anything is measured
        self.assertIn("verdict: ", lost.out)
        bad = self.folder / "bad.json"
        for text in ("", "{", "[]", "{}", '{"rules": 1}', "\x00"):
            bad.write_text(text)
            with self.subTest(text):
                self.refused("fp32_fma", "--policy", bad, says=str(bad))
                self.refused("fp32_fma", "--baseline", bad, says=str(bad))

    def test_no_gpu(self):
        for stand_in in ("driver=off", "count=0", None):
            with self.subTest(stand_in):
                self.refused(says="GPU", stand_in=stand_in, code=INCONCLUSIVE)
                self.refused("--skip-if-no-gpu", says="skipped", stand_in=stand_in, code=NOTHING_TO_TEST)

    def test_no_gpu_is_in_the_file_too(self):
        """Nothing of an earlier run stands there as if it were this one's."""
        (self.folder / "report.json").write_text("of an earlier run")
        done = self.accept("fp32_fma", stand_in="driver=off", code=INCONCLUSIVE)
        self.assertEqual(done.saved["results"], [])
        self.assertIn("run.device", self.failed(done.saved, "error"))
        done = self.accept("fp32_fma", "--expect-gpus", "8", stand_in="driver=off", code=REJECTED)
        self.assertIn("run.expected_gpus", self.failed(done.saved))
        self.assertIn("0 of 8", done.err)
        kept = (self.folder / "report.json").read_text()
        self.refused("--skip-if-no-gpu", f"--json={self.folder}/report.json", says="skipped", stand_in="driver=off",
                     code=NOTHING_TO_TEST)
        self.assertEqual((self.folder / "report.json").read_text(), kept)

    def test_explain(self):
        done = run("peakproof", "accept", "--explain", "PP-1101")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertIn("PP-1101", done.out)

    def test_two_at_once(self):
        with tempfile.TemporaryDirectory() as shared:
            first = start("peakproof", "accept", "fp32_fma", stand_in="pause_ms=100", env={"XDG_RUNTIME_DIR": shared})
            self.assertIn("plan: ", first.stderr.readline())  # it holds the lock by then
            self.refused("fp32_fma", stand_in="", code=INCONCLUSIVE, says=str(first.pid),
                         env={"XDG_RUNTIME_DIR": shared})
            first.send_signal(signal.SIGTERM)
            finish(first)


if __name__ == "__main__":
    main()
