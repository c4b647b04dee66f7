"""The README's table: made from reports, refused from a stand-in or without a commit, and up to date in this tree."""

import importlib.util
import json
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("update_readme", ROOT / "scripts" / "update_readme.py")
update_readme = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(update_readme)


def report(**changes):
    device = {"name": "Made-up GPU", "kind": changes.pop("kind", "gpu"), "stand_in": changes.pop("stand_in", False)}
    result = {
        "name": "fp32_fma",
        "params": {},
        "achieved_per_s": 66.1e12,
        "unit": "FLOP/s",
        "verdict": "pass",
        "efficiency": {"spec": 0.988, "issue": 0.991, "clock": 0.997},
        "summary": {"median_sm_clock_hz": 1.974e9},
    }
    result.update(changes.pop("result", {}))
    return {
        "peakproof": {"device": device, "tool": {"commit": changes.pop("commit", "0123456789ab")}, "results": [result]}
    }


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = Path(folder.name)
        (root / "reference").mkdir()
        self.readme, self.reference = root / "README.md", root / "reference"
        self.readme.write_text(f"before\n{update_readme.BEGIN}\nold\n{update_readme.END}\nafter\n", encoding="utf-8")
        update_readme.README, update_readme.REFERENCE = self.readme, self.reference

    def save(self, **changes):
        (self.reference / "a.json").write_text(json.dumps(report(**changes)), encoding="utf-8")

    def test_figures_come_from_the_reports(self):
        self.save()
        self.assertEqual(update_readme.main(["--check"]), 1)
        self.assertEqual(update_readme.main([]), 0)
        text = self.readme.read_text(encoding="utf-8")
        self.assertIn("| Made-up GPU | fp32_fma | 66.1 TFLOP/s | 98.8 % | 99.1 % | 1974 MHz | `pass` |", text)
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.assertNotIn("old", text)
        self.assertNotIn("No GPU", text)
        self.assertEqual(update_readme.main(["--check"]), 0)

    def test_cases_are_told_apart_and_calls_are_times(self):
        self.save(result={"name": "launch", "params": {"what": "graph_node", "nodes": "1000"}, "unit": "CALL/s",
                          "achieved_per_s": 8e5, "efficiency": {"spec": None, "issue": None}})
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("| Made-up GPU | launch graph_node | 1.25 us | - | - |", self.readme.read_text(encoding="utf-8"))

    def test_points_of_a_curve_are_no_rows(self):
        self.save(result={"params": {"sweep": "size", "bytes": "4096"}})
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("No reference figures", self.readme.read_text(encoding="utf-8"))

    def test_a_table_without_a_gpu_says_so(self):
        self.save(kind="cpu")
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("No GPU has been measured", self.readme.read_text(encoding="utf-8"))

    def test_cases_are_told_apart_and_latencies_are_cycles(self):
        self.save(result={"name": "sfu", "params": {"function": "ex2", "data": "random"}})
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("| Made-up GPU | sfu ex2 | 66.1 TFLOP/s |", self.readme.read_text(encoding="utf-8"))
        self.save(result={"latency": {"cycles": 4.0712, "ns": 2.1}})
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("| Made-up GPU | fp32_fma | 4.07 cycles |", self.readme.read_text(encoding="utf-8"))

    def test_what_is_skipped_is_one_sentence(self):
        self.save()
        lacking = report(result={"name": "fp32x2_fma", "verdict": "skipped", "achieved_per_s": None})
        (self.reference / "b.json").write_text(json.dumps(lacking), encoding="utf-8")
        self.assertEqual(update_readme.main([]), 0)
        text = self.readme.read_text(encoding="utf-8")
        self.assertEqual(text.count("| Made-up GPU |"), 1)
        self.assertIn("Skipped on Made-up GPU, which lacks them: fp32x2_fma.", text)

    def test_unknown_is_a_dash(self):
        self.save(
            result={
                "achieved_per_s": None,
                "efficiency": {"spec": None, "issue": None, "clock": None},
                "summary": {"median_sm_clock_hz": None},
                "verdict": "error",
            }
        )
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("| - | - | - | - | `error` |", self.readme.read_text(encoding="utf-8"))

    def test_what_is_no_reference_is_refused(self):
        for changes in ({"stand_in": True}, {"commit": "0123456789ab-dirty"}, {"commit": "unknown"}, {"commit": ""}):
            self.save(**changes)
            self.assertEqual(update_readme.main([]), 1, changes)
            self.assertIn("old", self.readme.read_text(encoding="utf-8"))

    def test_without_reports_it_says_so(self):
        self.assertEqual(update_readme.main([]), 0)
        self.assertIn("No reference figures", self.readme.read_text(encoding="utf-8"))


class ThisTree(unittest.TestCase):
    def test_the_readme_is_up_to_date(self):
        update_readme.README, update_readme.REFERENCE = ROOT / "README.md", ROOT / "reports" / "reference"
        self.assertEqual(update_readme.main(["--check"]), 0)


if __name__ == "__main__":
    unittest.main()
