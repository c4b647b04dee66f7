#!/usr/bin/env python3
"""What launching costs: each shape of it, that every launch is there, and what happens where one is not."""

from peakproof import *

WHAT = ("enqueue", "launch_sync", "back_to_back", "graph_node", "graph_launch", "event_pair", "empty_kernel")
# By the host's own clock, which is real and may be disturbed.
OF_THE_HOST = ("enqueue", "launch_sync", "graph_launch")
ALONE = "sms=1"


def only(what):
    return f"--benchmark_filter=what:{what}(/|$)"


class Shapes(EndToEnd):
    def launch(self, what, settings="", **expected):
        return self.measure("bench_launch", only(what), stand_in=ALONE + settings, **expected)

    def seconds(self, what, settings=""):
        """Per call, of a shape that the device's clock times."""
        return 1 / self.launch(what, settings, verdict="no_theory").result["achieved_per_s"]

    def test_all_of_them(self):
        done = run("bench_launch", "--quick", "--json", stand_in=ALONE)
        self.assertIn(done.code, (PASSED, INCONCLUSIVE), done.err)  # the second where the host was disturbed
        results = {r["params"]["what"]: r for r in done.report["results"]}
        self.assertEqual(tuple(results), WHAT)
        for what, result in results.items():
            self.assertIn(result["verdict"], ("no_theory", "noisy") if what in OF_THE_HOST else ("no_theory",))
            self.assertEqual((result["unit"], result["pipe"], result["peak"]), ("CALL/s", None, None))
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertTrue(result["verification"]["passed"])
            self.assertGreater(result["verification"]["items"], 10)
        kernels = {what: r["audit"]["kernel"] for what, r in results.items()}
        self.assertEqual(kernels["enqueue"], "launch_nothing")
        self.assertEqual(kernels["event_pair"], "launch_count")
        self.assertEqual(kernels["empty_kernel"], "launch_stamp")

    def test_the_devices_times_are_those_of_the_device(self):
        self.assertAlmostEqual(self.seconds("back_to_back", ",launch_us=2.5") * 1e6, 2.5, delta=0.01)
        self.assertAlmostEqual(self.seconds("graph_node", ",graph_node_us=1.3") * 1e6, 1.3, delta=0.01)
        self.assertAlmostEqual(self.seconds("event_pair", ",event_us=2") * 1e6, 2, delta=0.001)
        # From begin to begin: the launch, and the 600 cycles that the played kernel takes.
        cycles = 600 / 1.98e9
        self.assertAlmostEqual(self.seconds("empty_kernel", ",launch_us=2.5") * 1e6, 2.5 + 1e6 * cycles, delta=0.01)

    def test_what_the_global_timer_tells(self):
        note = self.launch("empty_kernel", ",launch_us=2").result["note"]
        self.assertIn("%globaltimer went on in steps of 32 to 32 ns", note)
        self.assertRegex(note, r"first instruction of a kernel to its last 30\d ns, from there to the first of the next "
                               r"(199\d|200\d) ns")

    def test_a_kernel_that_counts_wrongly(self):
        for what in ("enqueue", "launch_sync", "back_to_back", "graph_node", "graph_launch", "event_pair"):
            for flaw in ("wrong", "nan", "idle", "dropped"):
                with self.subTest(f"{what} {flaw}"):
                    self.launch(what, f",flaw={flaw}:launch_count", code=REJECTED, verdict="incorrect")

    def test_times_that_cannot_be(self):
        for flaw in ("wrong", "nan", "dropped"):
            with self.subTest(flaw):
                self.launch("empty_kernel", f",flaw={flaw}:launch_stamp", code=REJECTED, verdict="incorrect")
        self.launch("empty_kernel", ",flaw=idle:launch_stamp", code=INCONCLUSIVE, verdict="error")

    def test_a_launch_that_is_refused(self):
        for what in ("enqueue", "graph_node"):
            done = self.launch(what, ",fail=50:out_of_resources", code=INCONCLUSIVE, verdict="error")
            self.assertIn("cudaErrorLaunchOutOfResources", done.result["note"])

    def test_a_launch_that_never_ends(self):
        for what in ("launch_sync", "graph_node", "empty_kernel"):
            with self.subTest(what):
                done = run("bench_launch", only(what), "--timeout=1", stand_in=ALONE + ",hang=200")
                self.assertEqual(done.code, FAULT, done.err)
                self.assertIn("hangs", done.err)

    def test_a_device_that_is_lost(self):
        done = run("bench_launch", only("enqueue"), "--quick", "--json", stand_in=ALONE + ",lost=200")
        self.assertEqual(done.code, FAULT, done.err)

    def test_there_is_no_sweep(self):
        self.refuse("bench_launch", "--sweep", stand_in=ALONE, says="no sweep")


if __name__ == "__main__":
    main()
