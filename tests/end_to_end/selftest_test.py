"""Every fault of the catalogue has the right verdict and exit code: a test for each of its numbers."""

from peakproof import *

FAULTS = range(1, 45)
NOT_RUN_HERE = {32: "the build", 44: "GPU"}


class Faults(EndToEnd):
    """test_fault_N is made below for every N; all are run at once, which is quicker."""

    @classmethod
    def setUpClass(cls):
        done = run("peakproof", "selftest", "--faults", "--json", "--jobs=4", timeout=280)
        cls.code, cls.trials = done.code, parse(done.out)["faults"]

    def test_exit_code(self):
        failed = [trial for trial in self.trials if trial["status"] not in ("ok", "not run")]
        self.assertEqual(self.code, REJECTED if failed else PASSED)

    def check(self, number):
        trials = [trial for trial in self.trials if trial["number"] == number]
        self.assertTrue(trials)
        for trial in trials:
            with self.subTest(trial["injected"]):
                if number in NOT_RUN_HERE:
                    self.assertEqual((trial["status"], trial["exit_code"]), ("not run", None))
                    self.assertIn(NOT_RUN_HERE[number], trial["why"])
                else:
                    self.assertEqual(trial["status"], "ok", trial)
                    self.assertEqual(trial["exit_code"], trial["expected"]["exit_code"])


for _number in FAULTS:
    setattr(Faults, f"test_fault_{_number:02}", lambda self, number=_number: self.check(number))


class Command(EndToEnd):
    def test_nothing_run_is_no_pass(self):
        self.assertEqual(run("peakproof", "selftest", "--faults", "--only=32,44").code, INCONCLUSIVE)

    def test_the_table(self):
        done = run("peakproof", "selftest", "--faults", "--only", "19,44")
        self.assertEqual(done.code, PASSED, done.out + done.err)
        head, *rows, last = done.out.splitlines()
        for word in ("fault", "injected how", "verdict", "exit"):
            self.assertIn(word, head)
        self.assertRegex(rows[0], r"^ 19 +persistence mode off .* pass +0 +ok$")
        self.assertRegex(rows[1], r"^ 44 .*not run: needs a real GPU")
        self.assertEqual(last, "1 as expected, 0 not, 1 not run here")

    def test_what_goes_wrong_is_seen(self):
        """On a stand-in that plays nothing: every fault looks like a healthy machine without a GPU."""
        for file in ("libpeakproof_stand_in.so", "nvml/libnvidia-ml.so.1"):
            (self.folder / file).parent.mkdir(exist_ok=True)
            (self.folder / file).write_bytes(b"")
        done = run("peakproof", "selftest", "--faults", "--only=10", f"--stand-in={self.folder}")
        self.assertEqual(done.code, REJECTED, done.out)
        self.assertIn("NOT OK: exit 3 where 1 is right", done.out)

    def test_refusals(self):
        self.refuse("peakproof", "selftest", "--only", "99", says="no such fault")
        self.refuse("peakproof", "selftest", "--stand-in", self.folder, code=INCONCLUSIVE, says="peakproof_stand_in")


if __name__ == "__main__":
    main()
