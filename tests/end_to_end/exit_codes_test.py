"""Every exit code of the contract, and which of them wins where several apply."""

from peakproof import *


class EachCode(EndToEnd):
    def test_pass(self):
        self.measure("bench_fp32_fma", code=0)

    def test_rejected(self):
        self.measure("bench_fp32_fma", stand_in="speed=0.5", code=1)
        self.measure("bench_fp32_fma", stand_in="flaw=wrong", code=1)

    def test_usage(self):
        self.refuse("bench_fp32_fma", "--no-such-flag", code=2, says="--no-such-flag")

    def test_inconclusive(self):
        self.measure("bench_fp32_fma", stand_in="speed=1.2", code=3)
        self.measure("bench_fp32_fma", stand_in="noise=time", code=3)
        self.measure("bench_fp32_fma", stand_in="fail=1", code=3)

    def test_report_not_written(self):
        done = run("bench_fp32_fma", "--quick", f"--json={self.folder}/nowhere/a.json", stand_in="")
        self.assertEqual(done.code, 5, done.err)
        self.assertIn("verdict: ", done.out)

    def test_nothing_to_test(self):
        self.refuse("bench_fp32_fma", "--skip-if-no-gpu", stand_in="driver=off", code=77, says="skipped: no GPU")
        self.refuse("bench_fp32_fma", "--skip-if-no-gpu", stand_in="count=0", code=77, says="skipped: no GPU")
        self.refuse("peakproof", "run", "--skip-if-no-gpu", stand_in="driver=off", code=77, says="skipped: no GPU")

    def test_skip_if_no_gpu_skips_nothing_else(self):
        self.measure("bench_fp32_fma", "--skip-if-no-gpu", code=0)
        self.measure("bench_fp32_fma", "--skip-if-no-gpu", stand_in="speed=0.5", code=1)
        self.refuse("bench_fp32_fma", "--skip-if-no-gpu", "--device", "cuda:7", code=2, says="cuda:7")


class DeviceFault(EndToEnd):
    """The device is lost, or hangs, at any moment: while it is opened, warmed up, sampled, verified."""

    def fault(self, *command, stand_in, says):
        done = run(*command, "--json", "--timeout", "0.1", stand_in=stand_in, timeout=30)
        self.assertEqual(done.code, FAULT, f"{stand_in}: {done.err}")
        self.assertIn(says, done.err)
        if done.out:  # it was lost after the measuring had begun
            self.assert_report(done.report, FAULT)
            # What comes behind the last result, such as a look at the link, spoils none: it is a fact of the device.
            last = done.report["results"][-1]
            told = last["note"] if last["verdict"] == "error" else done.report["device"]["facts"]["fault"]
            self.assertIn(says, told)
        return done

    def launches(self, command):
        """The first launch at which nothing is left to go wrong, by bisection: a fault there leaves no trace."""
        first, last = 1, 1 << 14
        while first < last:
            middle = (first + last) // 2
            if run(*command, stand_in=f"lost={middle}").code == FAULT:
                first = middle + 1
            else:
                last = middle
        return first

    def test_lost_at_any_launch(self):
        # With the constant clock of the stand-in a run has the same number of launches every time.
        command = ("bench_fp32_fma",)
        count = self.launches(command)
        self.assertGreater(count, 150)
        self.assertLess(count, 1000)
        for launch in (1, 2, 3, *range(5, count, 23), count - 1):
            with self.subTest(launch):
                self.fault(*command, stand_in=f"lost={launch}", says="cudaErrorLaunchFailure")

    def test_every_kind_of_loss(self):
        for error, name in (("ecc", "cudaErrorECCUncorrectable"), ("illegal_address", "cudaErrorIllegalAddress"),
                            ("unknown", "cudaErrorUnknown"), ("launch_failure", "cudaErrorLaunchFailure")):
            for command in (("bench_fp32_fma",), COPY):
                with self.subTest(error=error, program=command[0]):
                    self.fault(*command, stand_in=f"{SMALL},lost=150:{error}", says=name)

    def test_hangs_while_it_is_opened(self):
        for launch in (1, 40):
            with self.subTest(launch):
                self.fault("bench_fp32_fma", stand_in=f"hang={launch}", says="hangs")

    def test_hangs_while_it_is_measured(self):
        for launch in (130, 150):
            with self.subTest(launch):
                done = self.fault("bench_fp32_fma", stand_in=f"hang={launch}", says="hangs")
                self.assertTrue(done.out)

    def test_hangs_while_the_answer_is_checked(self):
        # The last launches of a copy are the comparison with the pattern and a look at the link.
        last = self.launches((*COPY, "--size", "64MiB")) - 1
        for launch in (last - 1, last):
            with self.subTest(launch):
                done = self.fault(*COPY, "--size", "64MiB", stand_in=f"hang={launch}", says="hangs")
                self.assertTrue(done.out)

    def test_the_rest_of_the_suite_is_missing(self):
        done = self.fault("peakproof", "run", *TRUNK, *GEMM, stand_in=SMALL + ",lost=150", says="cudaErrorLaunchFailure")
        # The second benchmark has a process of its own, and shows that the device is lost for good.
        report = done.report
        self.assertEqual([r["name"] for r in report["results"]], ["fp32_fma", "dram"])
        self.assertEqual(len(report["completeness"]["missing"]), 1)
        self.assertTrue(report["completeness"]["missing"][0].startswith("wmma_gemm/"))
        self.assertIn("given up", report["device"]["facts"]["missing.wmma_gemm"])

    def test_memory_errors_during_the_run(self):
        done = run("bench_fp32_fma", "--json", stand_in="ecc_errors=2")
        self.assertEqual(done.code, FAULT, done.err)
        self.assertIn("2 uncorrectable memory errors", done.err)
        self.assert_report(done.report, FAULT)

    def test_doctor_tells(self):
        done = run("peakproof", "doctor", stand_in="lost=5:ecc")
        self.assertEqual(done.code, FAULT)
        self.assertIn("cudaErrorECCUncorrectable", done.err)


FAIL_LATE = "fail=60"  # some 20 launches are of fp32_fma, more of the others


class Precedence(EndToEnd):
    """128+n > 4 > 1 > 3 > 5 > 0, and 2 before anything is measured."""

    def suite(self, settings, code, *options):
        done = run("peakproof", "run", *TRUNK, *GEMM, "--quick", "--json", *options, stand_in=f"{SMALL},{settings}")
        self.assertEqual(done.code, code, done.err)
        self.assert_report(done.report, code)
        return [result["verdict"] for result in done.report["results"]]

    def test_signal_beats_fault(self):
        done = run("bench_fp32_fma", "--quick", "--json", stand_in="signal=3:TERM,lost=150")
        self.assertEqual(done.code, 128 + signal.SIGTERM)

    def test_fault_beats_rejected(self):
        # The first benchmark is wrong, the others lose the device.
        done = run("peakproof", "run", *TRUNK, *GEMM, "--quick", "--json", stand_in=f"{SMALL},flaw=wrong:fp32_fma,lost=210")
        self.assertEqual(done.code, FAULT, done.err)
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["incorrect", "error", "error"])

    def test_rejected_beats_inconclusive(self):
        self.assertEqual(self.suite(f"flaw=wrong:fp32_fma,{FAIL_LATE}", REJECTED), ["incorrect", "error", "error"])

    def test_inconclusive_beats_not_written(self):
        lost = f"--md={self.folder}/nowhere/a.md"
        self.assertEqual(self.suite(FAIL_LATE, INCONCLUSIVE, lost), ["pass", "error", "error"])

    def test_rejected_beats_not_written(self):
        lost = f"--md={self.folder}/nowhere/a.md"
        self.assertEqual(self.suite("flaw=wrong:fp32_fma", REJECTED, lost)[0], "incorrect")

    def test_not_written_beats_pass(self):
        lost = f"--md={self.folder}/nowhere/a.md"
        self.assertEqual(self.suite("", NOT_WRITTEN, lost), ["pass", "pass", "no_theory"])

    def test_no_theory_alone_passes(self):
        self.assertEqual(self.suite("cc=99.0,bus=384", PASSED), ["no_theory"] * 3)

    def test_usage_before_measuring(self):
        self.refuse("bench_fp32_fma", "--min-efficiency", "2", stand_in="lost=1", code=2)


if __name__ == "__main__":
    main()
