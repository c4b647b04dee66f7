"""The subcommands that measure nothing: theory, report, doctor, list."""

from peakproof import *

SPEC = {"name": "made-up board", "compute_capability": "9.0", "sm_count": 100, "sm_clock_mhz": 1000,
        "memory_clock_mhz": 2000, "memory_type": "HBM3", "memory_bus_bits": 4096}


class Theory(EndToEnd):
    def spec_file(self, **changes):
        path = self.folder / "spec.json"
        path.write_text(json.dumps({key: value for key, value in {**SPEC, **changes}.items() if value is not None}))
        return path

    def peaks(self, *options):
        done = run("peakproof", "theory", *options, "--json")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertEqual(done.err, "")
        theory = parse(done.out)
        self.assertEqual(set(theory), {"device", "peaks"})
        for peak in theory["peaks"]:
            self.assertEqual(set(peak), {"pipe", "per_second", "unit", "clock_hz", "formula", "source"})
            self.assertTrue(peak["source"])
        return {peak["pipe"]: peak["per_second"] for peak in theory["peaks"]}

    def test_published_board(self):
        peaks = self.peaks("--board", "A100 SXM4 80GB")
        for pipe, tera in (("fp32_fma", 19.5), ("fp64_fma", 9.7), ("fp16x2_fma", 78), ("tensor_fp16", 312)):
            self.assertAlmostEqual(peaks[pipe] * 1e-12 / tera, 1, delta=0.01)
        self.assertAlmostEqual(peaks["dram"] * 1e-9, 2039, delta=1)

    def test_spec_file(self):
        peaks = self.peaks("--spec", self.spec_file())
        self.assertEqual(peaks["fp32_fma"], 100 * 128 * 2 * 1e9)
        self.assertEqual(peaks["tensor_fp16"], 100 * 2048 * 2 * 1e9)
        self.assertEqual(peaks["dram"], 2 * 2e9 * 4096 / 8)

    def test_text(self):
        done = run("peakproof", "theory", "--spec", self.spec_file())
        self.assertEqual(done.code, PASSED, done.err)
        self.assertIn("made-up board", done.out)
        self.assertIn("100 SMs x 128", done.out)
        self.assertTrue(all(len(line) <= 120 for line in done.out.splitlines()))

    def test_list(self):
        done = run("peakproof", "theory", "--list")
        self.assertEqual(done.code, PASSED, done.err)
        for board in ("A100", "H100", "H200", "B200"):
            self.assertIn(board, done.out)

    def test_host_cpu(self):
        peaks = self.peaks("--device", "cpu")
        self.assertTrue(set(peaks) <= {"fp32_fma", "dram"}, peaks)

    def test_bad_field(self):
        bad = {"sm_count": (0, -1, "many", None, 1.5, 1e9, True), "sm_clock_mhz": (0, -5, "fast", None, 1e9, [1]),
               "name": (None, "", 7), "compute_capability": (None, 9.0, "nine", "9", ""),
               "memory_bus_bits": (-1, "wide"), "memory_clock_mhz": (-3, "quick"), "variant": ("no_such", 3),
               "no_such_field": (1,)}
        for field, values in bad.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    self.refuse("peakproof", "theory", "--spec", self.spec_file(**{field: value}), stand_in=None,
                                says=("spec.json", field))

    def test_bad_file(self):
        path = self.folder / "spec.json"
        for text in ("", "{", "[]", "7", '{"name": "a"', json.dumps(SPEC)[:-1] + ', "sm_count": 3}',
                     json.dumps(SPEC).replace("1000", "NaN"), json.dumps(SPEC).replace("1000", "1e999"), "\xff\xfe"):
            with self.subTest(text):
                path.write_text(text)
                done = self.refuse("peakproof", "theory", "--spec", path, stand_in=None, says="spec.json")
                self.assertNotIn("terminate", done.err)
        self.refuse("peakproof", "theory", "--spec", self.folder / "none.json", stand_in=None, says="none.json")
        self.refuse("peakproof", "theory", "--spec", self.folder, stand_in=None, says="folder")

    def test_unknown_or_ambiguous_board(self):
        self.refuse("peakproof", "theory", "--board", "Voodoo 2", stand_in=None, says="Voodoo 2")
        self.refuse("peakproof", "theory", "--board", "H100", stand_in=None, says="H100")

    def test_one_device_at_a_time(self):
        self.refuse("peakproof", "theory", "--board", "A100", "--device", "cpu", stand_in=None, says="--help")


class Report(EndToEnd):
    def saved(self, *options, stand_in=SMALL):
        path = self.folder / "saved.json"
        done = run("peakproof", "run", *TRUNK, *GEMM, "--quick", *options, f"--json={path}", stand_in=stand_in)
        return path, done

    def test_every_format_without_a_gpu(self):
        path, done = self.saved()
        again = run("peakproof", "report", path)
        self.assertEqual(again.code, done.code, again.err)
        self.assertEqual(again.out, done.out)  # the same table as after the run
        for option in ("--json", "--md", "--csv"):
            fresh = run("peakproof", "report", path, option)
            self.assertEqual((fresh.code, fresh.err), (PASSED, ""))
            target = self.folder / f"again{option}"
            self.assertEqual(run("peakproof", "report", path, f"{option}={target}").code, PASSED)
            self.assertEqual(target.read_text(), fresh.out)

    def test_json_round_trip(self):
        path, _ = self.saved()
        self.assertEqual(run("peakproof", "report", path, "--json").out, path.read_text())

    def test_keeps_the_exit_code(self):
        for settings, code in (("flaw=wrong", REJECTED), ("fail=1", INCONCLUSIVE), ("lost=150", FAULT),
                               ("signal=12:INT", 128 + signal.SIGINT)):
            path, done = self.saved(stand_in=f"{SMALL},{settings}")
            self.assertEqual(done.code, code, done.err)
            self.assertEqual(run("peakproof", "report", path, "--md").code, code)

    def test_a_report_that_contradicts_itself_is_refused(self):
        path, _ = self.saved(stand_in=SMALL + ",speed=0.8")
        honest = path.read_text()
        for what, forged in {"exit code": honest.replace('"exit_code": 1', '"exit_code": 0'),
                             "verdict": honest.replace('"verdict": "below"', '"verdict": "pass"')}.items():
            with self.subTest(what):
                self.assertNotEqual(forged, honest)
                path.write_text(forged)
                self.refuse("peakproof", "report", path, "--md", stand_in=None, says="contradicts itself")

    def test_lost_copy(self):
        path, _ = self.saved()
        done = run("peakproof", "report", path, f"--md={self.folder}/nowhere/a.md")
        self.assertEqual(done.code, NOT_WRITTEN)

    def test_unreadable(self):
        path, _ = self.saved()
        whole = path.read_text()
        bad = {"empty": "", "cut": whole[:len(whole) // 2], "not JSON": "hello", "another JSON": "{}",
               "newer schema": whole.replace('"schema": "1.', '"schema": "9.', 1), "an array": "[]"}
        for what, text in bad.items():
            with self.subTest(what):
                self.assertNotEqual(text, whole)
                path.write_text(text)
                self.refuse("peakproof", "report", path, "--md", stand_in=None, says="saved.json")
        self.refuse("peakproof", "report", self.folder / "none.json", stand_in=None, says="none.json")
        self.refuse("peakproof", "report", self.folder, stand_in=None, says="folder")


if __name__ == "__main__":
    main()
