"""peakproof run: each benchmark in a process of its own. A crash, a hang or a lost device costs that benchmark, never the
report; what was measured is saved and taken over by --resume; two runs never share a GPU."""

import fcntl
import tempfile

from peakproof import *

UUID = "GPU-57a2d120-0000-4000-8000-000000000000"
# Chains that are quick to play; some 20 launches are measured of each, more of device memory.
CHAINS = ("fp32_fma", "fp64_fma", "int32_mad")
SETTLED = "--benchmark_filter=-mode:burst|^dram/.*pattern:[^c]"
SOON = 10  # seconds; by contract two, but a machine that runs many tests at once gets more
LATE = 60  # a launch that no chain has, and the copy does
SLOW = SMALL + ",pause_ms=20,noise=time"  # long enough to be interrupted


def names(report):
    return [result["name"] for result in report["results"]]


def verdicts(report):
    return [result["verdict"] for result in report["results"]]


def children(pid):
    """The worker processes of a supervisor."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_deaf(pid):
    """Whether the process ignores SIGTERM, or holds it back."""
    masks = re.findall(r"(?m)^Sig(?:Blk|Ign):\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return any(int(mask, 16) >> (signal.SIGTERM - 1) & 1 for mask in masks)


def wait_until(holds, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if holds():
            return
        time.sleep(0.01)
    process.kill()
    raise AssertionError(f"{process.args}: did not come to it")


class Supervised(EndToEnd):
    def suite(self, *benchmarks, stand_in, code, options=(), env=None, timeout=60):
        done = run("peakproof", "run", *benchmarks, SETTLED, "--quick", "--json", *options, stand_in=stand_in, env=env,
                   timeout=timeout)
        self.assertEqual(done.code, code, done.err)
        self.assert_plain(done.out + done.err)
        self.assert_report(done.report, code)
        return done


class Workers(Supervised):
    def test_one_report_as_ever(self):
        report = self.suite(*CHAINS, stand_in=SMALL, code=PASSED).report
        self.assertEqual(names(report), list(CHAINS))
        self.assertEqual(report["completeness"], {"planned": list(CHAINS), "missing": []})
        self.assertRegex(report["run_id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]")
        self.assertEqual(report["scope"], "device")
        self.assertIn("run", report["argv"])
        self.assertNotIn("worker", report["argv"])
        self.assertGreater(report["duration_s"], 0)
        self.assertEqual(report["device"]["facts"]["uuid"], UUID)

    def test_the_workers_leave_nothing_behind(self):
        env = {"TMPDIR": str(self.folder)}
        self.suite("fp32_fma", stand_in=SMALL, code=PASSED, env=env)
        self.suite("fp32_fma", stand_in=SMALL + ",crash=10", code=INCONCLUSIVE, env=env)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_telemetry_counts_from_the_beginning_of_the_run(self):
        results = self.suite(*CHAINS[:2], stand_in=SMALL, code=PASSED).report["results"]
        first, second = (result["telemetry"] for result in results)
        self.assertGreaterEqual(first["begin_s"], 0)
        self.assertGreater(second["begin_s"], first["end_s"])

    def test_health_is_of_the_whole_run(self):
        health = self.suite(*CHAINS[:2], stand_in=SMALL + ",ecc_corrected=3", code=PASSED).report["health"]
        self.assertTrue(health["source"])
        counters = {counter["name"]: counter for counter in health["counters"]}
        self.assertEqual(counters["ecc_corrected_volatile"]["before"], 0)
        self.assertEqual(counters["ecc_corrected_volatile"]["after"], 3)

    def test_a_folder_for_temporary_files_that_is_not_there(self):
        self.suite("fp32_fma", stand_in=SMALL, code=PASSED, env={"TMPDIR": "/no/such/folder"})

    def test_the_host_cpu_too(self):
        done = run("peakproof", "run", "fp32_fma", "--device", "cpu", "--quick", "--json")
        self.assertIn(done.code, (PASSED, REJECTED, INCONCLUSIVE), done.err)  # what it measures is not asked here
        self.assert_report(done.report, done.code)
        self.assertEqual(names(done.report), ["fp32_fma"])

    def test_several_devices_are_refused(self):
        two = SMALL + ",count=2"
        self.refuse("peakproof", "run", "--device", "all", stand_in=two, says=("means 2 devices", "accept"))
        self.refuse("peakproof", "run", "--device", "cuda:0,cuda:1", stand_in=two, says="means 2 devices")
        self.refuse("peakproof", "run", "--device", "cuda:0,cuda:0", stand_in=two, says=("cuda:0", "twice"))
        self.refuse("peakproof", "run", "--device", "cuda:0,banana", stand_in=two, says="banana")
        self.refuse("peakproof", "run", "--device", "cpu,cuda:0", stand_in=two, says="between commas")

    def test_a_worker_is_not_for_people(self):
        self.assertNotIn("worker", run("peakproof", "--help").out)
        done = run("peakproof", "worker", "fp32_fma", stand_in=SMALL)
        self.assertEqual(done.code, USAGE)
        self.assertIn("--json=FILE", done.err)


class Faults(Supervised):
    def test_a_crash_costs_its_benchmark(self):
        done = self.suite("fp32_fma", "dram", "int32_mad", stand_in=f"{SMALL},crash={LATE}", code=INCONCLUSIVE)
        self.assertEqual(verdicts(done.report), ["pass", "error", "pass"])
        crashed = done.report["results"][1]
        self.assertIn("SIGSEGV", crashed["note"])
        self.assertEqual(crashed["params"]["pattern"], "copy")
        self.assertIsNone(crashed["achieved_per_s"])
        self.assertIn("dram: the worker ended with signal 11", done.err)

    def test_every_worker_crashes(self):
        done = self.suite(*CHAINS, stand_in=SMALL + ",crash=5", code=INCONCLUSIVE)
        self.assertEqual(verdicts(done.report), ["error"] * 3)

    def test_a_case_that_was_never_begun_is_missing_with_its_reason(self):
        done = run("peakproof", "run", "dram", "fp32_fma", "--benchmark_filter=^dram/.*pattern:(copy|read)|^fp32_fma",
                   "--quick", "--json", stand_in=f"{SMALL},crash={LATE}")
        self.assertEqual(done.code, INCONCLUSIVE, done.err)
        self.assert_report(done.report, INCONCLUSIVE)
        self.assertEqual(verdicts(done.report)[-1], "pass")
        missing = done.report["completeness"]["missing"]
        self.assertTrue(missing)
        self.assertTrue(all(name.startswith("dram/") for name in missing))
        self.assertIn("SIGSEGV", done.report["device"]["facts"]["missing.dram"])

    def test_a_sticky_error_and_its_recovery(self):
        # The copy makes the context unusable; the next process has one of its own.
        launch = 500
        done = self.suite("fp32_fma", "dram", "int32_mad", stand_in=f"{SMALL},lost={launch}:illegal_address", code=FAULT)
        self.assertEqual(verdicts(done.report), ["pass", "error", "pass"])
        self.assertIn("cudaErrorIllegalAddress", done.report["device"]["facts"]["fault"])
        self.assertEqual(done.report["completeness"]["missing"], [])

    def test_a_lost_device_is_given_up_after_the_second_worker(self):
        done = self.suite(*CHAINS, "int32_add", stand_in=SMALL + ",lost=150", code=FAULT)
        self.assertEqual(verdicts(done.report), ["error", "error"])
        self.assertEqual(done.report["completeness"]["missing"], ["int32_mad", "int32_add"])
        facts = done.report["device"]["facts"]
        for name in ("int32_mad", "int32_add"):
            self.assertIn("given up", facts[f"missing.{name}"])
            self.assertIn("cudaErrorLaunchFailure", facts[f"missing.{name}"])

    def test_a_hang_that_the_worker_sees(self):
        done = self.suite(*CHAINS, stand_in=SMALL + ",hang=150", code=FAULT, options=("--timeout", "0.1"))
        self.assertIn("hangs", done.report["results"][0]["note"])
        self.assertEqual(len(done.report["completeness"]["missing"]), 1)

    def test_a_deaf_worker_is_killed(self):
        begin = time.monotonic()
        done = self.suite("fp32_fma", "fp64_fma", "int32_mad", stand_in=SMALL + ",hang=150,deaf=on", code=FAULT,
                          options=("--silence", "1"))
        self.assertLess(time.monotonic() - begin, 30)
        self.assertIn("the worker hung", done.report["results"][0]["note"])
        self.assertIn("by force", done.report["device"]["facts"]["fault"])
        self.assertEqual(done.report["completeness"]["missing"], ["int32_mad"])

    def test_a_driver_that_hangs_while_the_device_is_opened(self):
        done = run("peakproof", "run", "fp32_fma", "--json", "--silence", "1", stand_in=SMALL + ",hang=1,deaf=on")
        self.assertEqual(done.code, FAULT)
        self.assertEqual(done.out, "")
        self.assert_one_line(done.err, "device fault", "does not answer")

    def test_a_device_that_is_lost_before_anything_is_planned(self):
        target = self.folder / "a.json"
        target.write_text("an older run's")
        done = run("peakproof", "run", "fp32_fma", f"--json={target}", stand_in=SMALL + ",lost=1")
        self.assertEqual(done.code, FAULT)
        self.assert_one_line(done.err, "device fault", "cudaErrorLaunchFailure")
        report = parse(target.read_text())["peakproof"]
        self.assert_report(report, FAULT)
        self.assertIn("cudaErrorLaunchFailure", report["device"]["facts"]["fault"])

    def test_a_launcher_that_ignores_the_end_of_children(self):
        process = subprocess.run([str(BUILD / "peakproof"), "run", "fp32_fma", SETTLED, "--quick", "--json"],
                                 env=environment(SMALL), capture_output=True, text=True, timeout=60, check=False,
                                 preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(process.returncode, PASSED, process.stderr)

    def test_settings_that_the_stand_in_does_not_know(self):
        # A worker that dies at once, whatever the reason, is told with its last words.
        done = run("peakproof", "run", "fp32_fma", stand_in="no_such=1")
        self.assertEqual(done.code, INCONCLUSIVE)
        self.assert_one_line(done.err, "exit code 99", "no_such")


class Signals(Supervised):
    def begun(self, *options, settings=SLOW):
        process = start("peakproof", "run", *CHAINS, SETTLED, "--quick", *options, stand_in=settings)
        wait_for_handler(process, signal.SIGTERM)
        # Asking and planning have children too: the one that measures has a file.
        wait_until(lambda: any(b"--json=" in Path(f"/proc/{pid}/cmdline").read_bytes()
                               for pid in children(process.pid) if Path(f"/proc/{pid}").exists()), process)
        time.sleep(0.5)
        return process

    def test_ends_it_soon_with_a_partial_report(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = self.begun("--json")
                (worker,) = children(process.pid)
                begin = time.monotonic()
                process.send_signal(number)
                done = finish(process)
                self.assertLess(time.monotonic() - begin, SOON)
                self.assertEqual(done.code, 128 + number, done.err)
                self.assert_report(done.report, 128 + number)
                self.assertTrue(done.report["completeness"]["missing"])
                self.assertFalse(Path(f"/proc/{worker}").exists())

    def test_a_deaf_worker_keeps_nobody(self):
        target = self.folder / "a.json"
        process = self.begun(f"--json={target}", settings=SMALL + ",hang=150,deaf=on")
        (worker,) = children(process.pid)
        wait_until(lambda: is_deaf(worker), process)
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        done = finish(process)
        self.assertLess(time.monotonic() - begin, SOON)
        self.assertEqual(done.code, 128 + signal.SIGTERM, done.err)
        report = parse(target.read_text())["peakproof"]
        self.assert_report(report, 128 + signal.SIGTERM)
        self.assertEqual(verdicts(report), ["error"])
        self.assertIn("interrupted by SIGTERM", report["results"][0]["note"])

    def test_while_it_asks_for_the_devices(self):
        process = start("peakproof", "run", "fp32_fma", "--json", stand_in=SMALL + ",hang=1,deaf=on")
        wait_for_handler(process, signal.SIGINT)
        wait_until(lambda: any(b"--plan" in Path(f"/proc/{pid}/cmdline").read_bytes()
                               for pid in children(process.pid) if Path(f"/proc/{pid}").exists()), process)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        done = finish(process)
        self.assertLess(time.monotonic() - begin, SOON)
        self.assertEqual(done.code, 128 + signal.SIGINT)
        self.assertEqual(done.out, "")

    def test_a_second_one_ends_it_at_once_and_its_worker_with_it(self):
        process = self.begun(settings=SMALL + ",hang=150,deaf=on")
        (worker,) = children(process.pid)
        process.send_signal(signal.SIGTERM)
        wait_for_handler(process, signal.SIGTERM, installed=False)
        process.send_signal(signal.SIGINT)
        self.assertEqual(finish(process, timeout=SOON).code, -signal.SIGINT)
        for _ in range(100):
            if not Path(f"/proc/{worker}").exists():
                break
            time.sleep(0.02)
        self.assertFalse(Path(f"/proc/{worker}").exists())

    def test_one_that_is_ignored_stays_so(self):
        process = subprocess.Popen(["nohup", str(BUILD / "peakproof"), "run", "fp32_fma", SETTLED, "--quick", "--json"],
                                   env=environment(SLOW), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        wait_for_handler(process, signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        self.assertIn(finish(process).code, (PASSED, INCONCLUSIVE))


class Resume(Supervised):
    def setUp(self):
        super().setUp()
        self.target = self.folder / "a.json"

    def measured(self, *options, stand_in=SMALL, benchmarks=CHAINS):
        return run("peakproof", "run", *benchmarks, SETTLED, "--quick", f"--json={self.target}", *options,
                   stand_in=stand_in)

    @property
    def saved(self):
        return parse(self.target.read_text())["peakproof"]

    def test_after_the_supervisor_was_killed(self):
        process = start("peakproof", "run", *CHAINS, SETTLED, "--quick", f"--json={self.target}",
                        stand_in=SMALL + ",pause_ms=10")
        wait_until(self.target.exists, process)
        workers = children(process.pid)
        process.kill()
        finish(process)
        for _ in range(100):  # they die with it
            if not any(Path(f"/proc/{pid}").exists() for pid in workers):
                break
            time.sleep(0.02)
        self.assertFalse(any(Path(f"/proc/{pid}").exists() for pid in workers))
        before = self.saved
        self.assertEqual(before["exit_code"], INCONCLUSIVE)
        self.assertTrue(before["completeness"]["missing"])
        done = self.measured("--resume")
        self.assertEqual(done.code, PASSED, done.err)
        after = self.saved
        self.assert_report(after, PASSED)
        self.assertEqual(names(after), list(CHAINS))
        self.assertEqual(after["run_id"], before["run_id"])
        self.assertEqual(after["results"][:len(before["results"])], before["results"])
        self.assertNotIn("missing.int32_mad", after["device"]["facts"])
        self.assertIn("resumed", after["device"]["facts"])

    def test_what_failed_is_not_measured_again(self):
        self.assertEqual(self.measured(stand_in=SMALL + ",flaw=wrong:fp32_fma").code, REJECTED)
        done = self.measured("--resume")
        self.assertEqual(done.code, REJECTED)
        self.assertEqual(verdicts(self.saved), ["incorrect", "pass", "pass"])

    def test_an_error_is_measured_again(self):
        self.assertEqual(self.measured(stand_in=SMALL + ",crash=10").code, INCONCLUSIVE)
        self.assertEqual(self.measured("--resume").code, PASSED)

    def test_a_fault_is_not_forgotten(self):
        self.assertEqual(self.measured(stand_in=SMALL + ",lost=150").code, FAULT)
        done = self.measured("--resume")
        self.assertEqual(done.code, FAULT)
        self.assertEqual(verdicts(self.saved), ["pass"] * 3)

    def test_nothing_saved_yet(self):
        done = self.measured("--resume")
        self.assertEqual(done.code, PASSED)
        self.assertIn("is not there yet", done.err)

    def test_another_run_is_refused(self):
        self.assertEqual(self.measured(stand_in=SMALL + ",count=2").code, PASSED)
        before = self.target.read_text()
        for options, says in ((("--device", "cuda:1"), "another device"), (("--data", "zero"), "another choice"),
                              (("--size", "1GiB"), "another choice")):
            done = self.measured("--resume", *options, stand_in=SMALL + ",count=2")
            self.assertEqual(done.code, USAGE, done.err)
            self.assert_one_line(done.err, says)
        done = self.measured("--resume", benchmarks=CHAINS[:2])
        self.assertEqual(done.code, USAGE)
        self.assert_one_line(done.err, "planned int32_mad as well")
        self.assertEqual(self.target.read_text(), before)

    def test_a_file_that_cannot_be_believed_is_refused(self):
        self.assertEqual(self.measured(stand_in=SMALL + ",speed=0.5").code, REJECTED)
        good = self.target.read_text()
        for text in (good.replace('"below"', '"pass"'), good[:len(good) // 2], "{}", ""):
            self.target.write_text(text)
            done = self.measured("--resume")
            self.assertEqual(done.code, USAGE, done.err)
            self.assert_one_line(done.err, str(self.target))
            self.assertEqual(self.target.read_text(), text)

    def test_needs_a_file(self):
        self.refuse("peakproof", "run", "--resume", says=("--resume", "--json=FILE"))
        self.refuse("peakproof", "run", "--resume", "--json", says=("--resume", "--json=FILE"))


class Lock(Supervised):
    def test_a_second_run_names_the_first(self):
        with tempfile.TemporaryDirectory() as runtime:
            env = {"XDG_RUNTIME_DIR": runtime}
            process = start("peakproof", "run", "fp32_fma", SETTLED, "--json", stand_in=SLOW + ",count=2", env=env)
            lock = Path(runtime) / f"peakproof-{UUID}.lock"
            wait_until(lambda: lock.exists() and lock.read_text().strip(), process)
            self.refuse("peakproof", "run", "fp32_fma", stand_in=SMALL + ",count=2", env=env, code=INCONCLUSIVE,
                        says=(f"process {process.pid} ", UUID))
            # Another GPU is another matter, and listing measures nothing.
            self.suite("fp32_fma", stand_in=SMALL + ",count=2", code=PASSED, options=("--device", "cuda:1"), env=env)
            self.assertEqual(run("peakproof", "run", "fp32_fma", "--list", stand_in=SMALL, env=env).code, PASSED)
            process.kill()
            finish(process)
            self.suite("fp32_fma", stand_in=SMALL, code=PASSED, env=env)

    def test_no_place_for_a_lock_is_said(self):
        done = self.suite("fp32_fma", stand_in=SMALL, code=PASSED, env={"XDG_RUNTIME_DIR": "/no/such/folder"})
        self.assertIn("nothing keeps a second run off this GPU", done.err)

    def test_it_is_the_kernels(self):
        with tempfile.TemporaryDirectory() as runtime:
            path = Path(runtime) / f"peakproof-{UUID}.lock"
            with open(path, "w", encoding="ascii") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                self.refuse("peakproof", "run", "fp32_fma", env={"XDG_RUNTIME_DIR": runtime}, code=INCONCLUSIVE,
                            says="another process")


class Outputs(Supervised):
    def test_a_closed_stdout_loses_no_file(self):
        target = self.folder / "a.json"
        process = start("peakproof", "run", "fp32_fma", SETTLED, "--quick", f"--json={target}", stand_in=SMALL)
        process.stdout.close()
        process.wait(timeout=60)
        err = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.returncode, NOT_WRITTEN, err)
        report = parse(target.read_text())["peakproof"]
        self.assert_report(report, NOT_WRITTEN)
        self.assertEqual(verdicts(report), ["pass"])

    def test_a_closed_stderr_loses_nothing(self):
        target = self.folder / "a.json"
        process = start("peakproof", "run", *CHAINS[:2], SETTLED, "--quick", f"--json={target}",
                        stand_in=SMALL + ",crash=10")
        process.stderr.close()
        out = process.stdout.read()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), INCONCLUSIVE)
        self.assertIn("verdict: inconclusive (exit 3)", out)
        self.assert_report(parse(target.read_text())["peakproof"], INCONCLUSIVE)

    def test_standard_files_that_are_not_open(self):
        # Nothing else must get their numbers: a lock, a report, a worker's pipe.
        target = self.folder / "a.json"
        command = f"exec \"$0\" run fp32_fma '{SETTLED}' --quick --json=\"$1\""
        for closed, code in (("<&-", PASSED), (">&-", NOT_WRITTEN), ("2>&-", PASSED), ("<&- >&- 2>&-", NOT_WRITTEN)):
            with self.subTest(closed):
                target.unlink(missing_ok=True)
                done = subprocess.run(["sh", "-c", f"{command} {closed}", str(BUILD / "peakproof"), str(target)],
                                      env=environment(SMALL), capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assert_report(parse(target.read_text())["peakproof"], code)

    def test_a_full_disk_still_gives_the_verdict(self):
        done = run("peakproof", "run", "fp32_fma", SETTLED, "--quick", "--json=/dev/full", stand_in=SMALL)
        self.assertEqual(done.code, NOT_WRITTEN, done.err)
        self.assertIn("/dev/full", done.err)
        self.assertIn("verdict: report_not_written (exit 5)", done.out)

    def test_anonymous_is_the_supervisors_work(self):
        target = self.folder / "a.json"
        done = run("peakproof", "run", "fp32_fma", SETTLED, "--quick", "--anonymous", f"--json={target}",
                   stand_in=SMALL)
        self.assertEqual(done.code, PASSED, done.err)
        for text in (target.read_text(), done.out):
            self.assertNotIn(UUID[4:], text)
            self.assertNotIn("00000000:17:00.0", text)
        done = run("peakproof", "run", "fp32_fma", SETTLED, "--quick", "--anonymous", "--resume", f"--json={target}",
                   stand_in=SMALL)
        self.assertEqual(done.code, USAGE)
        self.assert_one_line(done.err, "withholds")


if __name__ == "__main__":
    main()
