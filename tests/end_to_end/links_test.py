#!/usr/bin/env python3
"""Copies over the links, host to GPU and GPU to GPU: what they are held against, every verdict, every flaw, bad input."""

from peakproof import *

SIZE = ("--size", "1MiB")
PINNED = "--benchmark_filter=bytes:1048576.*direction:(h2d|d2h)/memory:pinned"
H2D = "--benchmark_filter=bytes:1048576.*direction:h2d/memory:pinned"
LARGE = ("--size", "16MiB")  # where the fixed time of a copy over NVLink is little
GEN5_X16 = 32e9 * 16 * 128 / 130 / 8
PAIR = SMALL + ",count=2"
ONE_WAY = "--benchmark_filter=from:cuda:0/to:cuda:1/way:one"


def by(results, *keys):
    return {tuple(r["params"].get(key) for key in keys): r for r in results}


class HostToGpu(EndToEnd):
    def test_every_direction_and_memory(self):
        done = self.measure("bench_pcie", *SIZE, "--benchmark_filter=data:")
        copies = by(done.report["results"], "direction", "memory")
        self.assertEqual({key: (r["verdict"], r["pipe"]) for key, r in copies.items()}, {
            ("h2d", "pinned"): ("pass", "pcie"), ("d2h", "pinned"): ("pass", "pcie"),
            ("both", "pinned"): ("no_theory", "pcie"),
            ("h2d", "pageable"): ("no_theory", "pcie"), ("d2h", "pageable"): ("no_theory", "pcie")})
        for (direction, memory), result in copies.items():
            directions = 2 if direction == "both" else 1
            self.assertAlmostEqual(result["peak"]["per_second"], directions * GEN5_X16, delta=1)
            self.assertEqual(result["peak"]["formula"],
                             "2 directions x " * (directions - 1) + "32 GT/s x 16 lanes x 128/130 / 8")
            self.assertAlmostEqual(result["efficiency"]["issue"], 0.1 if memory == "pageable" else 0.84, delta=0.01)
            self.assertEqual(result["verification"]["items"], directions * (1 << 20) / 8)
            self.assertTrue(result["verification"]["passed"])
            self.assertIn("Gen5 x16, all that GPU and slot can do; at rest Gen1 x16", result["note"])
            self.assertEqual("pinned buffer of its own" in result["note"], memory == "pageable")
        # Both ways at once take as long as one.
        both, one = (copies[key, "pinned"]["achieved_per_s"] for key in ("both", "h2d"))
        self.assertAlmostEqual(both / one, 2, delta=0.01)

    def test_latency_of_the_smallest_copy(self):
        done = run("bench_pcie", "--benchmark_filter=bytes:8/", "--quick", "--json", *SIZE, stand_in=SMALL)
        self.assertIn(done.code, (PASSED, INCONCLUSIVE), done.err)  # the second where the host was disturbed
        results = done.report["results"]
        self.assertEqual([r["params"]["direction"] for r in results], ["h2d", "d2h"])
        for result in results:
            self.assertEqual((result["unit"], result["pipe"]), ("CALL/s", None))
            self.assertTrue(result["verification"]["passed"])
            self.assertLess(1 / result["achieved_per_s"], 1e-4)  # of the host's real time

    def test_the_link_as_it_is_under_load(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",pcie=4:8,pcie_best=5:16")
        self.assertEqual(done.result["peak"]["formula"], "16 GT/s x 8 lanes x 128/130 / 8")
        self.assertEqual(done.result["verdict"], "pass")
        self.assertIn("Gen4 x8 of Gen5 x16 that GPU and slot can do", done.result["note"])

    def test_a_slot_that_is_slower_than_the_gpu(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",pcie=4:16")
        self.assertIn("the slot stops at Gen4, the GPU alone could Gen5", done.result["note"])
        self.assertEqual(done.result["verdict"], "pass")
        self.assertEqual(done.result["floor"]["issue"], 0.76)

    def test_a_link_without_a_sourced_floor(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",pcie=3:16", verdict="no_theory")
        self.assertIsNone(done.result["floor"])
        self.assertAlmostEqual(done.result["peak"]["per_second"] / 1e9, 15.754, delta=0.001)

    def test_slow_and_impossibly_fast(self):
        for speed, verdict, code in ((0.7, "below", REJECTED), (1.1, "above_theory", INCONCLUSIVE)):
            done = self.measure("bench_pcie", *SIZE, PINNED, stand_in=f"{SMALL},pcie_speed={speed}", code=code)
            self.assertEqual([r["verdict"] for r in done.report["results"]], [verdict] * 2)

    def test_noise(self):
        self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",noise=time", code=INCONCLUSIVE, verdict="noisy")

    def test_without_nvml_there_is_no_theory(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",nvml=off", verdict="no_theory")
        self.assertIsNone(done.result["peak"])
        self.assertIn("NVML does not answer", done.result["note"])

    def test_a_driver_that_does_not_tell_the_link(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",pcie=0:16,pcie_best=5:16", verdict="no_theory")
        self.assertIsNone(done.result["peak"])
        self.assertIn("NVML did not tell it", done.result["note"])

    def test_a_cpu_that_is_joined_by_something_else(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",c2c_links=10,pcie_speed=6", verdict="no_theory")
        self.assertIsNone(done.result["peak"])
        self.assertIn("NVLink-C2C", done.result["note"])

    def test_a_host_that_gives_no_pinned_memory(self):
        done = self.measure("bench_pcie", "--size=24MiB", "--benchmark_filter=data:.*memory:pinned",
                            stand_in=SMALL + ",host_mib=20", code=INCONCLUSIVE)
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "error")
            self.assertIn("the host does not give 25165824 bytes of pinned memory", result["note"])

    def test_packets_sent_again(self):
        done = self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",pcie_replays=7")
        self.assertIn("7 packets were sent again", done.result["note"])

    def test_every_flaw_of_every_copy(self):
        filters = {"pcie_h2d": H2D, "pcie_d2h": H2D.replace("h2d", "d2h"),
                   "pageable_h2d": H2D.replace("pinned", "pageable"),
                   "pageable_d2h": H2D.replace("pinned", "pageable").replace("h2d", "d2h")}
        for name, which in filters.items():
            for flaw in ("wrong", "nan", "idle", "shorter", "dropped"):
                with self.subTest(f"{name} {flaw}"):
                    self.measure("bench_pcie", *SIZE, which, stand_in=f"{SMALL},flaw={flaw}:{name}", code=REJECTED,
                                 verdict="incorrect")

    def test_a_flaw_of_one_direction_is_found_in_both(self):
        both = H2D.replace("h2d", "both")
        for name in ("pcie_h2d", "pcie_d2h"):
            self.measure("bench_pcie", *SIZE, both, stand_in=f"{SMALL},flaw=wrong:{name}", code=REJECTED,
                         verdict="incorrect")

    def test_flaws_of_the_smallest_copy(self):
        for direction in ("h2d", "d2h"):
            for flaw in ("wrong", "idle"):
                self.measure("bench_pcie", *SIZE, f"--benchmark_filter=bytes:8/direction:{direction}",
                             stand_in=f"{SMALL},flaw={flaw}:pcie_{direction}", code=REJECTED, verdict="incorrect")

    def test_a_full_gpu_is_an_error_that_leaves_the_rest_alone(self):
        done = self.measure("peakproof", "run", "pcie", "launch", "--benchmark_filter=pcie.*(h2d/memory:pinned)|event_pair",
                            stand_in="mem_mib=1", code=INCONCLUSIVE)
        verdicts = {(r["name"], r["params"].get("bytes")): r["verdict"] for r in done.report["results"]}
        self.assertEqual(verdicts["pcie", "0"], "error")
        self.assertEqual(verdicts["launch", None], "no_theory")
        (full,) = (r for r in done.report["results"] if r["params"].get("bytes") == "0")
        self.assertIn("too little memory", full["note"])

    def test_sweep_over_the_size(self):
        results = self.measure("bench_pcie", "--sweep", "size", stand_in="mem_mib=48").report["results"]
        points = by(results, "direction", "bytes")
        sizes = [str(4096 << 2 * i) for i in range(6)]
        self.assertEqual(sorted(points), sorted((d, size) for d in ("h2d", "d2h") for size in sizes))
        rates = [points["h2d", size]["achieved_per_s"] for size in sizes]
        self.assertEqual(rates, sorted(rates))  # every copy costs a fixed time beside its bytes
        self.assertTrue(all(r["params"]["sweep"] == "size" and r["floor"] is None for r in results))
        self.refuse("bench_pcie", "--sweep", "stride", says="no sweep over stride")

    def test_sizes_that_cannot_be(self):
        for size in ("0", "-1", "many"):
            self.refuse("bench_pcie", f"--size={size}", says="--size")
        self.refuse("bench_pcie", "--size=4", says=("--size 4", "8 to"))
        self.refuse("bench_pcie", "--size=200MiB", says=("--size 209715200", "host memory", "of the GPU's"))
        # Beyond the host's memory, on a GPU that has enough.
        self.refuse("bench_pcie", "--size=900000GiB", stand_in="mem_mib=4000000000",
                    says=("bytes of host memory",))

    def test_a_size_that_is_no_whole_number_of_words(self):
        done = self.measure("bench_pcie", "--size=1000001", "--benchmark_filter=data:.*direction:h2d/memory:pinned")
        self.assertEqual(done.result["params"]["bytes"], "1000000")

    def test_a_copy_that_never_ends(self):
        done = run("bench_pcie", *SIZE, H2D, "--timeout=1", stand_in=SMALL + ",hang=100")
        self.assertEqual(done.code, FAULT, done.err)
        done = run("bench_pcie", *SIZE, "--benchmark_filter=bytes:8/direction:d2h", "--timeout=1",
                   stand_in=SMALL + ",hang=300")
        self.assertEqual(done.code, FAULT, done.err)

    def test_a_copy_that_is_refused(self):
        self.measure("bench_pcie", *SIZE, H2D, stand_in=SMALL + ",fail=3:out_of_resources", code=INCONCLUSIVE,
                     verdict="error")


class GpuToGpu(EndToEnd):
    def test_one_gpu_has_no_pair(self):
        done = self.measure("bench_p2p", *SIZE, code=INCONCLUSIVE, verdict="skipped")
        self.assertIn("one GPU is visible", done.result["note"])
        hidden = {"CUDA_VISIBLE_DEVICES": "1"}
        self.measure("bench_p2p", *SIZE, stand_in=PAIR, env=hidden, code=INCONCLUSIVE, verdict="skipped")

    def test_nvlink_through_switches(self):
        done = self.measure("bench_p2p", *LARGE, stand_in=PAIR + ",nvlinks=18")
        pairs = by(done.report["results"], "from", "to", "way")
        self.assertEqual({key: r["verdict"] for key, r in pairs.items()}, {
            ("cuda:0", "cuda:1", "one"): "pass", ("cuda:1", "cuda:0", "one"): "pass",
            ("cuda:0", "cuda:1", "both"): "no_theory"})
        for (_, _, way), result in pairs.items():
            self.assertEqual(result["pipe"], "nvlink")
            self.assertEqual(result["peak"]["per_second"], (900 if way == "both" else 450) * 1e9)
            self.assertIn("18 NVLinks of generation 4, each 26.562 GB/s on the line", result["note"])
            self.assertAlmostEqual(result["efficiency"]["issue"], 0.82, delta=0.01)

    def test_nvlinks_that_end_at_the_other_gpu(self):
        # Twelve links of generation 3 between three GPUs: six to each other one.
        done = self.measure("bench_p2p", *SIZE, ONE_WAY, verdict="no_theory",
                            stand_in=SMALL + ",count=3,nvlinks=12,nvswitch=off,nvlink_version=4,nvlink_mbs=25000")
        self.assertEqual(done.result["peak"]["formula"], "6 links x 25 GB/s")

    def test_links_slower_than_their_generation(self):
        done = self.measure("bench_p2p", *SIZE, ONE_WAY, code=INCONCLUSIVE, verdict="above_theory",  # the played ones are not
                            stand_in=PAIR + ",nvlinks=4,nvlink_version=5,nvlink_mbs=14062")
        self.assertEqual(done.result["peak"]["formula"], "4 links x 14.062 GB/s")

    def test_a_generation_that_is_not_known(self):
        done = self.measure("bench_p2p", *SIZE, ONE_WAY, verdict="no_theory",
                            stand_in=PAIR + ",nvlinks=4,nvlink_version=9")
        self.assertIsNone(done.result["peak"])

    def test_pcie_where_no_nvlink_joins_them(self):
        done = self.measure("bench_p2p", *SIZE, stand_in=PAIR + ",pcie=4:16")
        for result in done.report["results"]:
            self.assertEqual((result["pipe"], result["verdict"]), ("pcie", "no_theory"))
            self.assertIn("no NVLink joins the two", result["note"])
            self.assertIn("PCIe link of cuda:0 under load: Gen4 x16", result["note"])
            self.assertIn("PCIe link of cuda:1 under load: Gen4 x16", result["note"])
            self.assertIn("16 GT/s x 16 lanes", result["peak"]["formula"])

    def test_without_access_from_gpu_to_gpu(self):
        done = self.measure("bench_p2p", *SIZE, ONE_WAY, stand_in=PAIR + ",nvlinks=18,peer=off")
        self.assertEqual(done.result["pipe"], "pcie")
        self.assertIn("through the host's memory", done.result["note"])
        self.assertLess(done.result["efficiency"]["issue"], 0.5)

    def test_without_nvml(self):
        done = self.measure("bench_p2p", *SIZE, ONE_WAY, stand_in=PAIR + ",nvml=off", verdict="no_theory")
        self.assertIsNone(done.result["peak"])

    def test_slow_and_impossibly_fast(self):
        for speed, verdict, code in ((0.6, "below", REJECTED), (1.5, "above_theory", INCONCLUSIVE)):
            self.measure("bench_p2p", *LARGE, ONE_WAY, stand_in=f"{PAIR},nvlinks=18,p2p_speed={speed}", code=code,
                         verdict=verdict)

    def test_every_flaw(self):
        for flaw in ("wrong", "nan", "idle", "shorter", "dropped"):
            for way in (ONE_WAY, ONE_WAY.replace("one", "both")):
                with self.subTest(f"{flaw} {way}"):
                    self.measure("bench_p2p", *SIZE, way, stand_in=f"{PAIR},nvlinks=18,flaw={flaw}:p2p", code=REJECTED,
                                 verdict="incorrect")

    def test_pairs_of_all_gpus_or_of_one(self):
        three = SMALL + ",count=3"
        every = self.measure("bench_p2p", *SIZE, stand_in=three).report["results"]
        self.assertEqual(len(by(every, "from", "to", "way")), 6 + 3)
        own = self.measure("bench_p2p", *SIZE, "--device", "cuda:1", stand_in=three).report["results"]
        self.assertEqual(len(by(own, "from", "to", "way")), 4 + 2)
        self.assertTrue(all("cuda:1" in (r["params"]["from"], r["params"]["to"]) for r in own))

    def test_sizes_that_cannot_be(self):
        self.refuse("bench_p2p", "--size=4", stand_in=PAIR, says=("--size 4", "8 to"))
        self.refuse("bench_p2p", "--size=200MiB", stand_in=PAIR, says=("--size 209715200", "on each GPU"))

    def test_there_is_no_sweep(self):
        self.refuse("bench_p2p", "--sweep", stand_in=PAIR, says="no sweep")


if __name__ == "__main__":
    main()
