"""How the device fared: telemetry of every result, counters before and after, the driver's events, named clock losses, a
management library that hangs. On the stand-in, whose NVML plays all of it."""

from peakproof import *

FMA = "bench_fp32_fma"
PATIENCE = 60
HANDFUL = ("bench_dram", "--benchmark_filter=pattern:(copy|triad)")


def counters(report):
    return {counter["name"]: counter for counter in report["health"]["counters"]}


class Telemetry(EndToEnd):
    def test_every_result_has_it_and_the_report_the_timeline(self):
        done = self.measure(*HANDFUL, stand_in=SMALL + ",watts=300,temperature=71")
        self.assertGreater(len(done.report["results"]), 1)
        end = 0
        for result in done.report["results"]:
            seen = result["telemetry"]
            self.assertGreaterEqual(seen["count"], 1)
            self.assertFalse(seen["stale"])
            self.assertEqual(seen["median_sm_clock_hz"], 1980e6)
            self.assertEqual((seen["median_power_w"], seen["max_temperature_c"]), (300, 71))
            self.assertEqual(seen["reasons"], {})
            self.assertGreaterEqual(seen["begin_s"], end, "one after the other")
            end = seen["end_s"]
            self.assertGreater(end, seen["begin_s"])
        health = done.report["health"]
        self.assertEqual(health["source"], "NVML 580.00.00-stand-in")
        self.assertEqual((health["why"], health["stale"], health["events"]), ("", False, []))
        timeline = health["timeline"]
        self.assertGreater(len(timeline["at_s"]), 1)
        self.assertEqual(timeline["at_s"], sorted(timeline["at_s"]))
        self.assertEqual(set(timeline["power_w"]), {300})
        self.assertGreaterEqual(timeline["at_s"][-1], end)

    def test_seconds_count_from_the_epoch_that_is_given(self):
        epoch = time.clock_gettime(time.CLOCK_MONOTONIC) - 1000
        done = self.measure(FMA, "--epoch", repr(epoch))
        self.assertGreater(done.result["telemetry"]["begin_s"], 1000)
        self.assertLess(done.result["telemetry"]["begin_s"], 1000 + PATIENCE)
        self.assertNotIn("epoch", run(FMA, "--help").out)

    def test_a_cpu_has_none(self):
        done = run(FMA, "--device", "cpu", "--quick", "--json", timeout=PATIENCE)  # whatever the machine lets it reach
        self.assertIsNone(done.result["telemetry"])
        self.assertIsNone(done.report["health"])

    def test_without_nvml_it_is_measured_all_the_same_and_says_why(self):
        done = self.measure(FMA, stand_in=SMALL + ",nvml=off", verdict="pass")
        self.assertIsNone(done.result["telemetry"])
        health = done.report["health"]
        self.assertEqual(health["source"], "")
        self.assertIn("nvmlInit_v2", health["why"])
        self.assertEqual(health["counters"], [])
        self.assertFalse(health["stale"])


class Losses(EndToEnd):
    """1 - C is divided between what the driver names; each reason alone, and two at once."""

    def clock_losses(self, settings):
        result = self.measure(FMA, stand_in=f"{SMALL},clock=0.8,{settings}", verdict="pass").result
        found = {loss["name"]: loss["fraction"] for loss in result["losses"] if loss["kind"] == "clock"}
        self.assertAlmostEqual(sum(found.values()), 1 - result["efficiency"]["clock"], places=9)
        return {name: round(fraction, 3) for name, fraction in found.items()}, result

    def test_each_reason_by_its_name(self):
        for reasons, name, reason in (("power", "power cap", "sw_power_cap"), ("thermal", "thermal", "sw_thermal"),
                                      ("hw_thermal", "thermal", "hw_thermal"),
                                      ("hw_slowdown", "hardware slowdown", "hw_slowdown"),
                                      ("power_brake", "hardware slowdown", "hw_power_brake"),
                                      ("locked", "locked", "application_clocks"), ("sync_boost", "other", "sync_boost")):
            with self.subTest(reasons):
                losses, result = self.clock_losses(f"reasons={reasons}")
                self.assertEqual(losses, {name: 0.2})
                self.assertEqual(result["telemetry"]["reasons"][reason], 1)

    def test_none_that_is_named(self):
        losses, result = self.clock_losses("reasons=none")
        self.assertEqual(losses, {"unknown": 0.2})
        self.assertEqual(result["telemetry"]["reasons"], {})

    def test_two_at_once_share_it(self):
        losses, _ = self.clock_losses("reasons=power+thermal")
        self.assertEqual(losses, {"power cap": 0.1, "thermal": 0.1})

    def test_the_drivers_counters_see_what_the_looks_miss(self):
        losses, result = self.clock_losses("power_ms=250,thermal_ms=500")
        self.assertEqual(losses, {"power cap": 0.05, "thermal": 0.1, "unknown": 0.05})
        self.assertAlmostEqual(result["telemetry"]["reasons"]["sw_power_cap"], 0.25, places=4)
        self.assertAlmostEqual(result["telemetry"]["reasons"]["sw_thermal"], 0.5, places=4)


class Counters(EndToEnd):
    def test_before_and_after(self):
        done = self.measure(FMA, stand_in=SMALL + ",ecc_corrected=7,pcie_replays=3", verdict="pass")
        found = counters(done.report)
        for name, before, after in (("ecc_corrected_volatile", 0, 7), ("ecc_uncorrected_volatile", 0, 0),
                                    ("pcie_replays", 0, 3), ("row_remap_pending", 0, 0)):
            self.assertEqual((found[name]["before"], found[name]["after"]), (before, after), name)
            self.assertEqual(found[name]["why"], "")

    def test_what_is_not_supported_is_not_zero(self):
        done = self.measure(FMA, stand_in=SMALL + ",ecc=off,remap=unsupported", verdict="pass")
        for name in ("ecc_uncorrected_volatile", "row_remap_pending"):
            counter = counters(done.report)[name]
            self.assertIsNone(counter["before"])
            self.assertIsNone(counter["after"])
            self.assertIn("not supported", counter["why"])
        self.assertEqual(done.report["device"]["facts"]["ecc"], "off")

    def test_the_link_is_read_under_load(self):
        done = self.measure(FMA, stand_in=SMALL + ",pcie=4:8,pcie_idle=1:16,pcie_best=5:16")
        found = counters(done.report)
        for when, link in (("before", (1, 16)), ("after", (4, 8))):  # at rest, and under load
            self.assertEqual((found["pcie_generation"][when], found["pcie_width"][when]), link)
            self.assertEqual((found["pcie_generation_max"][when], found["pcie_width_max"][when]), (5, 16))

    def test_uncorrectable_errors_are_a_fault(self):
        done = self.measure(FMA, stand_in=SMALL + ",ecc_errors=2", code=FAULT)
        found = counters(done.report)["ecc_uncorrected_volatile"]
        self.assertEqual((found["before"], found["after"]), (0, 2))
        self.assertIn("2 uncorrectable memory errors", done.report["device"]["facts"]["fault"])
        self.assertIn("ecc_uncorrected", {event["kind"] for event in done.report["health"]["events"]})

    def test_the_board_is_identified(self):
        facts = self.measure(FMA, stand_in=SMALL + ",compute_mode=exclusive,persistence=off,power_limit=350"
                             ).report["device"]["facts"]
        expected = {"compute_mode": "exclusive_process", "persistence": "off", "power_limit_w": "350",
                    "power_limit_default_w": "700", "virtualization": "none", "profiler": "none", "mig": "off"}
        self.assertEqual({key: facts[key] for key in expected}, expected)


class Events(EndToEnd):
    def test_an_xid_is_told_with_its_meaning(self):
        done = self.measure(FMA, stand_in=SMALL + ",xid=2:63", verdict="pass")
        (event,) = done.report["health"]["events"]
        self.assertEqual((event["kind"], event["number"]), ("xid", 63))
        self.assertIn("remapped", event["text"])
        self.assertGreater(event["at_s"], 0)

    def test_an_unknown_one_is_told_too(self):
        (event,) = self.measure(FMA, stand_in=SMALL + ",xid=2:987").report["health"]["events"]
        self.assertEqual(event["number"], 987)
        self.assertIn("not known", event["text"])

    def test_a_fatal_one_is_a_device_fault(self):
        for number, text in ((79, "fallen off the bus"), (48, "double bit"), (95, "not contained")):
            with self.subTest(number):
                done = self.measure(FMA, stand_in=f"{SMALL},xid=2:{number}", code=FAULT)
                self.assertEqual(done.result["verdict"], "error")
                self.assertIn(f"Xid {number}: ", done.result["note"])
                self.assertIn(text, done.result["note"])
                self.assertIn(number, [event["number"] for event in done.report["health"]["events"]])

    def test_a_lost_gpu_is_a_device_fault(self):
        done = self.measure(FMA, stand_in=SMALL + ",nvml_lost=launch:2", code=FAULT)
        self.assertIn("lost", done.result["note"])
        counter = counters(done.report)["ecc_uncorrected_volatile"]
        self.assertEqual(counter["before"], 0)
        self.assertIsNone(counter["after"])
        self.assertIn("lost", counter["why"])


class Hangs(EndToEnd):
    """NVML that never returns costs seconds, never the run."""

    def assert_measured(self, done):
        self.assertEqual(done.result["verdict"], "pass")
        self.assertGreaterEqual(done.result["summary"]["count"], 11)

    def test_while_it_is_measured(self):
        done = self.measure(FMA, stand_in=SMALL + ",nvml_hang=launch:3", timeout=PATIENCE)
        self.assert_measured(done)
        self.assertTrue(done.result["telemetry"]["stale"])
        health = done.report["health"]
        self.assertTrue(health["stale"])
        self.assertIn("stopped answering", health["why"])
        counter = counters(done.report)["ecc_uncorrected_volatile"]
        self.assertEqual(counter["before"], 0)
        self.assertIsNone(counter["after"])
        self.assertIn("does not answer", counter["why"])

    def test_from_the_first_call_on(self):
        done = self.measure(FMA, stand_in=SMALL + ",nvml_hang=1", timeout=PATIENCE)
        self.assert_measured(done)
        self.assertIsNone(done.result["telemetry"])
        self.assertIn("does not answer", done.report["health"]["why"])

    def test_between_two_calls_before_the_run(self):
        done = self.measure(FMA, stand_in=SMALL + ",nvml_hang=20", timeout=PATIENCE)
        self.assert_measured(done)
        self.assertTrue(done.report["health"]["stale"])

    def test_a_usage_error_ends_at_once_all_the_same(self):
        done = run("bench_dram", "--size", "7", stand_in=SMALL + ",nvml_hang=1", timeout=PATIENCE)
        self.assertEqual(done.code, USAGE, done.err)


class Profilers(EndToEnd):
    def test_a_profiler_makes_every_sample_contaminated(self):
        for variable in ("CUDA_INJECTION64_PATH", "NVTX_INJECTION64_PATH", "NSYS_PROFILING_SESSION_ID"):
            with self.subTest(variable):
                done = self.measure(FMA, env={variable: "/nowhere.so"}, code=INCONCLUSIVE, verdict="noisy")
                self.assertEqual(done.report["device"]["facts"]["profiler"], f"{variable} is set")
                self.assertTrue(all(sample["contaminated"] for sample in done.result["samples"]))

    def test_virtual_gpus_are_labelled(self):
        facts = self.measure(FMA, stand_in=SMALL + ",virtualization=vgpu,confidential=on").report["device"]["facts"]
        self.assertEqual((facts["virtualization"], facts["confidential_computing"]), ("vgpu", "on"))


if __name__ == "__main__":
    main()
