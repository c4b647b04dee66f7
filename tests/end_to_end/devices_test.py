"""Which device is measured, what is said where there is none, and what driver and NVML say about it."""

from peakproof import *

TWO = SMALL + ",count=2"
UUIDS = [f"GPU-57a2d120-0000-4000-8000-00000000000{i}" for i in range(3)]
ADDRESSES = ["00000000:17:00.0", "00000000:27:00.0", "00000000:37:00.0"]


class Selection(EndToEnd):
    def uuid(self, *options, stand_in=TWO, env=None):
        done = self.measure("bench_fp32_fma", *options, stand_in=stand_in, env=env)
        facts = done.report["device"]["facts"]
        self.assertEqual(UUIDS.index(facts["uuid"]), ADDRESSES.index(facts["pci"]))
        self.assertEqual(facts["serial"][-1], facts["uuid"][-1])  # NVML speaks of the same one
        return facts["uuid"]

    def test_first_one_by_default(self):
        self.assertEqual(self.uuid(), UUIDS[0])
        self.assertEqual(self.uuid("--device", "cuda"), UUIDS[0])

    def test_by_index(self):
        self.assertEqual(self.uuid("--device", "cuda:0"), UUIDS[0])
        self.assertEqual(self.uuid("--device", "cuda:1"), UUIDS[1])

    def test_by_uuid(self):
        self.assertEqual(self.uuid("--device", UUIDS[1]), UUIDS[1])
        self.assertEqual(self.uuid("--device", UUIDS[1].lower()), UUIDS[1])
        self.assertEqual(self.uuid("--device", UUIDS[0][:14], stand_in=SMALL), UUIDS[0])

    def test_ambiguous_uuid(self):
        self.refuse("bench_fp32_fma", "--device", UUIDS[0][:14], stand_in=TWO, says=("more than one", *UUIDS[:2]))

    def test_by_pci_address(self):
        for address in ("00000000:27:00.0", "0000:27:00.0", "27:00.0"):
            self.assertEqual(self.uuid("--device", address), UUIDS[1])

    def test_unknown_among_several(self):
        self.refuse("bench_fp32_fma", "--device", "cuda:2", stand_in=TWO, says=("cuda:2", *UUIDS[:2], *ADDRESSES[:2]))

    def test_visible_devices_are_renumbered(self):
        self.assertEqual(self.uuid("--device", "cuda:0", env={"CUDA_VISIBLE_DEVICES": "1"}), UUIDS[1])
        self.assertEqual(self.uuid("--device", "cuda:1", env={"CUDA_VISIBLE_DEVICES": "1,0"}), UUIDS[0])

    def test_theory_of_the_device_itself(self):
        done = run("peakproof", "theory", "--device", "cuda:1", "--json", stand_in=TWO)
        self.assertEqual(done.code, PASSED, done.err)
        theory = parse(done.out)
        self.assertEqual(theory["device"]["name"], "STAND-IN H200")
        peaks = {peak["pipe"]: peak["per_second"] for peak in theory["peaks"]}
        self.assertAlmostEqual(peaks["fp32_fma"], 4 * 128 * 2 * 1980e6)
        self.assertAlmostEqual(peaks["dram"], 2 * 3201e6 * 6016 / 8)


class NoDevice(EndToEnd):
    CALLS = (("bench_fp32_fma",), ("bench_dram", "--json"), ("peakproof", "run"), ("peakproof", "theory"))

    def nothing(self, stand_in, *says, env=None):
        for call in self.CALLS:
            self.refuse(*call, stand_in=stand_in, env=env, code=INCONCLUSIVE, says=("no GPU", "--device cpu", *says))

    def test_machine_without_a_gpu(self):
        self.nothing(None)  # the real runtime: no driver here, or a hidden GPU

    def test_no_driver(self):
        self.nothing("driver=off", "driver")

    def test_no_gpu(self):
        self.nothing("count=0", "nvidia-smi")

    def test_hidden_gpu(self):
        self.nothing("", "CUDA_VISIBLE_DEVICES", "''", env={"CUDA_VISIBLE_DEVICES": ""})
        self.nothing("", "CUDA_VISIBLE_DEVICES", "'-1'", env={"CUDA_VISIBLE_DEVICES": "-1"})
        self.nothing("", "CUDA_VISIBLE_DEVICES", "'9'", env={"CUDA_VISIBLE_DEVICES": "9"})

    def test_nothing_is_written(self):
        self.refuse("bench_fp32_fma", f"--json={self.folder}/a.json", stand_in="driver=off", code=INCONCLUSIVE)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_doctor(self):
        done = run("peakproof", "doctor", stand_in="driver=off")
        self.assertEqual(done.code, INCONCLUSIVE)
        self.assertIn("not ready", done.out)
        self.assertIn("--device cpu", done.out)


class WhatTheDeviceSays(EndToEnd):
    def test_facts(self):
        device = self.measure("bench_fp32_fma").report["device"]
        facts = device["facts"]
        self.assertEqual(device["name"], "STAND-IN H200")
        self.assertEqual(device["compute_capability"], "9.0")
        self.assertEqual(device["sm_count"], 4)
        self.assertEqual(device["sm_clock_hz"], 1980e6)
        self.assertEqual(device["memory_bus_bits"], 6016)
        self.assertEqual(device["power_limit_w"], 700)
        self.assertEqual(facts["driver"], "580.00.00-stand-in")
        self.assertEqual(facts["ecc"], "on")
        self.assertEqual(facts["vbios"], "96.00.STAND.IN")
        self.assertEqual(facts["ecc_uncorrected_after"], "0")

    def test_disagreement_takes_the_smaller_figure(self):
        done = self.measure(*COPY, stand_in=SMALL + ",bus=6144,nvml_bus=6016", verdict="pass")
        device = done.report["device"]
        self.assertEqual(device["memory_bus_bits"], 6016)
        said = device["facts"]["disagreement.memory_bus"]
        self.assertIn("6144", said)
        self.assertIn("6016", said)
        device = self.measure("bench_fp32_fma", stand_in="nvml_sm_mhz=2100").report["device"]
        self.assertEqual(device["sm_clock_hz"], 1980e6)
        self.assertIn("2100", device["facts"]["disagreement.sm_clock"])

    def test_without_nvml(self):
        done = self.measure("bench_fp32_fma", stand_in="nvml=off", verdict="pass")
        self.assertIn("nvmlInit_v2", done.report["device"]["facts"]["nvml"])
        done = self.measure("bench_fp32_fma", stand_in="clock=0.8,nvml=off,reasons=power", verdict="pass")
        self.assertEqual([x["name"] for x in done.result["losses"] if x["kind"] == "clock"], ["unknown"])

    def test_clock_reasons_are_named(self):
        done = self.measure("bench_fp32_fma", stand_in="clock=0.9,reasons=hw_thermal")
        self.assertIn("HW thermal slowdown", done.report["device"]["facts"]["clock_reasons_after"])

    def test_every_sm_is_seen(self):
        done = self.measure("bench_fp32_fma", stand_in="sms=7")
        maps = {m["quantity"]: m for m in done.result["unit_maps"]}
        self.assertEqual(maps["sm_clock_hz"]["unit"], list(range(7)))
        for clock in maps["sm_clock_hz"]["value"]:
            self.assertAlmostEqual(clock, 1980e6, delta=1e6)
        self.assertEqual(maps["operations_per_clk"]["unit"], list(range(7)))
        for rate in maps["operations_per_clk"]["value"]:
            self.assertAlmostEqual(rate, 0.99 * 256, delta=0.5)

    def test_rated_clocks_of_a_known_board(self):
        # Its tensor pipes are rated at 1830 MHz, its vector pipes at 1980: only the whole board is recognised.
        board = "name=NVIDIA H200,sms=132,mem_mib=144384,l2_mib=50"
        device = self.measure("bench_fp32_fma", stand_in=board, verdict="pass").report["device"]
        self.assertEqual(device["tensor_clock_hz"], 1830e6)
        self.assertEqual(device["sm_clock_hz"], 1980e6)
        self.assertTrue(device["stand_in"])

    def test_doctor(self):
        done = run("peakproof", "doctor", stand_in="")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertIn("STAND-IN", done.out)
        self.assertIn("ready", done.out)


if __name__ == "__main__":
    main()
