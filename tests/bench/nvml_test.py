"""What is read of NVML: identity, counters and events of one GPU, as the stand-in's NVML has them.

Usage: nvml_test.py NVML_LOOK STAND_IN_NVML_FOLDER
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

LOOK, LIBRARY = sys.argv[1:3] if len(sys.argv) > 2 else ("", "")
HEADER = Path(__file__).resolve().parents[2] / "bench/harness/nvml.hpp"
FIRST = "00000000:17:00.0"


class Seen:
    """The program's output, taken apart."""

    def __init__(self, text):
        self.facts, self.addresses, self.events, self.counters = {}, [], [[], []], [{}, {}]
        self.why = self.no_events = ""
        turn = 0
        for line in text.splitlines():
            kind, *rest = line.split("\t")
            if kind == "fact":
                self.facts[rest[0]] = rest[1]
            elif kind == "address":
                self.addresses.append(rest[0])
            elif kind == "launches":
                turn = int(rest[0])
            elif kind == "counter":
                name, unit, value, why = rest
                self.counters[turn][name] = (None if value == "-" else float(value), unit, why)
            elif kind == "event":
                self.events[turn].append((rest[0], int(rest[1])))
            elif kind == "why":
                self.why = rest[0]
            elif kind == "no events":
                self.no_events = rest[0]

    def value(self, name, turn=1):
        return self.counters[turn][name][0]

    def reason(self, name, turn=1):
        return self.counters[turn][name][2]


def look(settings="", address=FIRST, timeout=20):
    env = {**os.environ, "LD_LIBRARY_PATH": LIBRARY, "PEAKPROOF_STAND_IN": settings}
    done = subprocess.run([LOOK, address], env=env, capture_output=True, text=True, timeout=timeout, check=True)
    return Seen(done.stdout)


class Counters(unittest.TestCase):
    def test_a_healthy_gpu(self):
        seen = look("nvlinks=18,nvlink_version=6")
        self.assertEqual(seen.counters[0], {**seen.counters[1]})  # nothing grows
        for name, (value, unit, why) in seen.counters[1].items():
            with self.subTest(name):
                self.assertIsNotNone(value, why)
                self.assertEqual(why, "")
                self.assertIn(unit, ("errors", "packets", "rows", "banks", "links", "s", ""))
                expected = {"pcie_generation": 1, "pcie_width": 16, "pcie_generation_max": 5, "pcie_width_max": 16,
                            "nvlinks_active": 18}.get(name, 0)
                self.assertEqual(value, expected)

    def test_the_header_names_them_all(self):
        comment = HEADER.read_text(encoding="utf-8")
        for name in look().counters[0]:
            base = re.sub(r"_(dram|sram)_volatile$", "_volatile", name)
            self.assertIn(base, comment)

    def test_what_grows(self):
        for settings, name, after, unit in (("ecc_errors=3", "ecc_uncorrected_volatile", 3, "errors"),
                                            ("ecc_errors=3", "ecc_uncorrected_dram_volatile", 3, "errors"),
                                            ("ecc_errors=3", "ecc_uncorrected_aggregate", 3, "errors"),
                                            ("ecc_corrected=70", "ecc_corrected_volatile", 70, "errors"),
                                            ("ecc_corrected=70", "ecc_corrected_dram_volatile", 70, "errors"),
                                            ("pcie_replays=81", "pcie_replays", 81, "packets"),
                                            ("nvlinks=4,nvlink_errors=5", "nvlink_crc_errors", 5, "errors"),
                                            ("nvlinks=4,nvlink_errors=5:crc_data", "nvlink_crc_errors", 5, "errors"),
                                            ("nvlinks=4,nvlink_errors=6:replay", "nvlink_replay_errors", 6, "errors"),
                                            ("nvlinks=4,nvlink_errors=7:recovery", "nvlink_recovery_errors", 7,
                                             "errors"),
                                            ("power_ms=300", "violation_power_s", 3, "s"),
                                            ("thermal_ms=20", "violation_thermal_s", 0.2, "s"),
                                            ("sync_boost_ms=20", "violation_sync_boost_s", 0.2, "s"),
                                            ("board_limit_ms=20", "violation_board_limit_s", 0.2, "s"),
                                            ("low_utilization_ms=20", "violation_low_utilization_s", 0.2, "s"),
                                            ("reliability_ms=20", "violation_reliability_s", 0.2, "s")):
            with self.subTest(settings):
                seen = look(settings)
                self.assertEqual(seen.value(name, 0), 0)
                self.assertAlmostEqual(seen.value(name), after)
                self.assertEqual(seen.counters[1][name][1], unit)
                grown = {n for n in seen.counters[0] if seen.counters[0][n] != seen.counters[1][n]}
                self.assertIn(name, grown)
                self.assertLessEqual(len(grown), 3)  # no other kind does

    def test_states(self):
        for settings, states in (("remap=recorded", {"row_remap_uncorrected": 1, "row_remap_pending": 0}),
                                 ("remap=pending", {"row_remap_pending": 1, "row_remap_failed": 0}),
                                 ("remap=failed", {"row_remap_failed": 1, "row_remap_banks_none": 1}),
                                 ("remap=low", {"row_remap_banks_low": 1, "row_remap_failed": 0}),
                                 ("remap=full", {"row_remap_banks_none": 1, "row_remap_banks_low": 0}),
                                 ("sram_threshold=on", {"ecc_sram_threshold_exceeded": 1}),
                                 ("retired_pending=on", {"retired_pages_pending": 1}),
                                 ("pcie_idle=4:8", {"pcie_generation": 4, "pcie_width": 8}),
                                 ("pcie_best=4:8", {"pcie_generation_max": 4, "pcie_width_max": 8}),
                                 ("nvlinks=18,nvlinks_down=2", {"nvlinks_active": 16, "nvlinks_inactive": 2}),
                                 ("recovery=reboot", {"recovery_action": 2})):
            seen = look(settings)
            for name, value in states.items():
                with self.subTest(settings, name=name):
                    self.assertEqual(seen.value(name, 0), value)

    def test_what_is_not_answered_is_not_zero(self):
        seen = look("remap=unsupported")
        for name in ("row_remap_pending", "row_remap_failed", "row_remap_uncorrected", "row_remap_banks_low"):
            self.assertIsNone(seen.value(name))
            self.assertEqual(seen.reason(name), "not supported by this GPU")
        seen = look("ecc=off")
        for name in seen.counters[0]:
            if name.startswith("ecc_"):
                self.assertIsNone(seen.value(name), name)
        self.assertIsNone(look().value("nvlink_crc_errors"))  # there are no links
        self.assertIsNone(look().value("nvlinks_active"))
        seen = look("nvlinks=2,nvlinks_down=2")
        self.assertEqual((seen.value("nvlinks_active"), seen.value("nvlinks_inactive")), (0, 2))
        self.assertEqual(seen.reason("nvlink_crc_errors"), "no NVLink is active")
        self.assertIsNone(look("pcie_idle=0:0").value("pcie_generation"))

    def test_a_lost_gpu(self):
        seen = look("nvml_lost=launch:1,xid=1:79")
        self.assertEqual(seen.value("ecc_uncorrected_volatile", 0), 0)
        for name, (value, _, why) in seen.counters[1].items():
            self.assertIsNone(value, name)
            self.assertEqual(why, "GPU is lost")
        self.assertEqual(seen.events, [[], [("gpu_lost", 0)]])  # told once
        self.assertEqual(look("nvml_lost=1").addresses, ["index 0 (GPU is lost)"])


class Identity(unittest.TestCase):
    def test_facts(self):
        facts = look().facts
        self.assertEqual(facts, {
            "board_part": "699-STAND-IN", "clock_sm_application_mhz": "1980", "clock_sm_max_mhz": "1980",
            "compute_mode": "default", "confidential_computing": "off", "ecc": "on", "ecc_pending": "on",
            "inforom": "G520.STAND.IN", "mig": "off", "pci": FIRST, "pci_device_id": "233510de",
            "pci_subsystem_id": "233510de", "persistence": "on", "power_limit_default_w": "700",
            "power_limit_max_w": "700", "power_limit_min_w": "200", "power_limit_w": "700",
            "serial": "1650000000000", "uuid": "GPU-57a2d120-0000-4000-8000-000000000000",
            "vbios": "96.00.STAND.IN", "virtualization": "none"})

    def test_settings(self):
        for settings, changed in (("ecc=off", {"ecc": "off", "ecc_pending": "off"}),
                                  ("ecc=off,ecc_pending=on", {"ecc": "off", "ecc_pending": "on"}),
                                  ("mig=on", {"mig": "on"}), ("persistence=off", {"persistence": "off"}),
                                  ("compute_mode=prohibited", {"compute_mode": "prohibited"}),
                                  ("compute_mode=exclusive", {"compute_mode": "exclusive_process"}),
                                  ("power_limit=450.5", {"power_limit_w": "450.5"}),
                                  ("app_mhz=1200", {"clock_sm_application_mhz": "1200"}),
                                  ("virtualization=vgpu", {"virtualization": "vgpu"}),
                                  ("confidential=on", {"confidential_computing": "on"})):
            with self.subTest(settings):
                self.assertEqual(look(settings).facts, {**look().facts, **changed})

    def test_one_of_several(self):
        settings = "count=3,ecc_errors=1;1:persistence=off,remap=pending;2:ecc_errors=0"
        first, second, third = (look(settings, address=f"00000000:{bus}:00.0") for bus in (17, 27, 37))
        self.assertEqual([s.facts["persistence"] for s in (first, second, third)], ["on", "off", "on"])
        self.assertEqual([s.value("row_remap_pending") for s in (first, second, third)], [0, 1, 0])
        self.assertEqual([s.value("ecc_uncorrected_volatile") for s in (first, second, third)], [1, 1, 0])
        self.assertEqual([s.facts["serial"][-1] for s in (first, second, third)], ["0", "1", "2"])

    def test_the_address_names_it_and_not_the_order(self):
        plain, permuted = look("count=3"), look("count=3,permuted=on")
        self.assertEqual(plain.addresses, [FIRST, "00000000:27:00.0", "00000000:37:00.0"])
        self.assertEqual(permuted.addresses, plain.addresses[::-1])
        self.assertEqual(permuted.facts, plain.facts)


class Events(unittest.TestCase):
    def test_they_arrive_once(self):
        self.assertEqual(look().events, [[], []])
        self.assertEqual(look("xid=1:94").events, [[], [("xid", 94)]])
        self.assertEqual(look("ecc_errors=1,ecc_corrected=9").events, [[], [("ecc_corrected", 0), ("ecc_uncorrected", 0)]])


class Missing(unittest.TestCase):
    def test_why_nvml_does_not_start(self):
        for settings, why in (("nvml=off", "the NVIDIA driver is not loaded"), ("init=no_permission", "no permission"),
                              ("init=driver_mismatch", "driver and library differ in version")):
            with self.subTest(settings):
                self.assertIn(why, look(settings).why)
                self.assertEqual(look(settings).counters, [{}, {}])

    def test_a_call_that_never_returns(self):
        for settings in ("nvml_hang=3", "nvml_hang=launch:1"):
            with self.subTest(settings), self.assertRaises(subprocess.TimeoutExpired):
                look(settings, timeout=1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
