"""A signal ends a run early, and what was measured is still told."""

from peakproof import *

SLOW = SMALL + ",pause_ms=20,noise=time"  # long enough to be interrupted, and never converged


class Signals(EndToEnd):
    def interrupt(self, process, number):
        wait_for_handler(process, number)
        time.sleep(0.5)
        self.assertIsNone(process.poll(), "it ended before it was interrupted")
        process.send_signal(number)
        return finish(process)

    def test_sent_from_outside(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = start("bench_fp32_fma", "--json", stand_in=SLOW)
                done = self.interrupt(process, number)
                self.assertEqual(done.code, 128 + number, done.err)
                self.assert_report(done.report, 128 + number)
                self.assert_plain(done.out + done.err)

    def test_at_every_stage_of_a_run(self):
        for launch in (1, 3, 6, 8, 12, 17):  # calibration, warm-up, samples
            with self.subTest(launch):
                done = run("bench_fp32_fma", "--json", stand_in=f"noise=time,signal={launch}:INT")
                self.assertEqual(done.code, 128 + signal.SIGINT, done.err)
                self.assert_report(done.report, 128 + signal.SIGINT)

    def test_an_interrupted_measurement_is_no_pass(self):
        done = run("bench_fp32_fma", "--json", stand_in="signal=12:TERM")
        self.assertEqual(done.code, 128 + signal.SIGTERM)
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "error")
            self.assertIn("interrupted", result["note"])

    def test_partial_report_of_a_suite(self):
        target = self.folder / "partial.json"
        # Some 20 launches are of fp32_fma, the next hundreds of the copy: the signal meets the second of three.
        done = run("peakproof", "run", *TRUNK, *GEMM, "--quick", f"--json={target}", stand_in=f"{SMALL},signal=60:TERM")
        self.assertEqual(done.code, 128 + signal.SIGTERM, done.err)
        report = parse(target.read_text())["peakproof"]
        self.assert_report(report, 128 + signal.SIGTERM)
        self.assertEqual([r["verdict"] for r in report["results"]], ["pass", "error"])
        self.assertEqual(len(report["completeness"]["missing"]), 1)
        self.assertTrue(report["completeness"]["missing"][0].startswith("wmma_gemm"))
        self.assertEqual([p.name for p in self.folder.iterdir()], ["partial.json"])
        self.assertIn("exit 143", done.out)

    def test_what_is_missing_is_named_in_whatever_order_the_turns_came(self):
        for _ in range(4):
            done = run("peakproof", "run", "fp32_fma", "dram", PRODUCT, "--quick", "--json", "--benchmark_repetitions=3",
                       "--benchmark_enable_random_interleaving", stand_in=f"{SMALL},signal=150:TERM")
            self.assertEqual(done.code, 128 + signal.SIGTERM, done.err)
            planned, missing = (done.report["completeness"][key] for key in ("planned", "missing"))
            measured = []
            for result in done.report["results"]:
                repetition = result["params"].pop("repetition", None)
                name = "/".join([result["name"], *(f"{key}:{value}" for key, value in result["params"].items())])
                measured.append(name + (f"/repetition:{repetition}" if repetition else ""))
            self.assertEqual(sorted(measured + missing), sorted(planned))
            self.assertTrue(measured and missing)

    def test_a_second_signal_ends_it_at_once(self):
        process = start("bench_fp32_fma", "--json", stand_in=SMALL + ",pause_ms=3000")
        wait_for_handler(process, signal.SIGTERM)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        wait_for_handler(process, signal.SIGTERM, installed=False)
        process.send_signal(signal.SIGTERM)
        done = finish(process, timeout=2)
        self.assertEqual(done.code, -signal.SIGTERM)  # killed, as a shell's 128+n says
        self.assertEqual(done.out, "")

    def test_killed_run_leaves_whole_files(self):
        target = self.folder / "a.json"
        process = start("peakproof", "run", *TRUNK, *GEMM, "--quick", f"--json={target}", stand_in=SLOW)
        deadline = time.monotonic() + 30
        while not target.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        finish(process)
        report = parse(target.read_text())["peakproof"]
        self.assertEqual(len(report["results"]), 1)
        self.assertTrue(report["completeness"]["missing"])
        self.assertEqual(report["exit_code"], INCONCLUSIVE)


if __name__ == "__main__":
    main()
