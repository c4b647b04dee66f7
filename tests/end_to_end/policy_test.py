"""peakproof policy: the lint, the default policy and the table of codes."""

import json

from peakproof import *

RULE = {"id": "x", "measure": "absolute", "subject": "dram*", "fail_below": 3.9e12, "unit": "B/s", "code": "PP-1103",
        "source": "a contract"}
FINE = {"id": "fine", "measure": "issue", "code": "PP-1101", "source": "floors"}


class Policy(EndToEnd):
    def file(self, *rules, text=None):
        path = self.folder / "policy.json"
        policy = {"schema": "1.0.0", "name": "mine", "version": "1", "rules": [FINE, *rules]}
        path.write_text(text if text is not None else json.dumps(policy))
        return path

    def lint(self, path, *arguments, code, says=()):
        done = run("peakproof", "policy", "lint", path, *arguments, stand_in=None)
        self.assertEqual(done.code, code, done.out + done.err)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, done.out + done.err)
        self.assert_plain(done.out + done.err)
        return done

    def test_the_default_policy_is_fine_everywhere(self):
        shown = run("peakproof", "policy", "show", stand_in=None)
        self.assertEqual(shown.code, PASSED)
        self.assertEqual(shown.out, (ROOT / "reports/policies/default.json").read_text())
        path = self.file(text=shown.out)
        self.lint(path, code=PASSED, says="nothing wrong")
        self.lint(path, "--board", "H200 SXM", "--board", "4090", code=PASSED)

    def test_limits_that_can_never_fail_or_never_pass(self):
        self.lint(self.file(RULE), "--board", "H200 SXM", code=PASSED)
        slip = {**RULE, "fail_below": 2333}  # DCGM's limit for the H200, in bytes where megabytes were meant
        self.lint(self.file(slip), "--board", "H200 SXM", code=USAGE, says=("rule x", "peak of dram", "30 and 105 %"))
        self.lint(self.file(slip), code=USAGE, says="rule x")
        link = {**RULE, "subject": "pcie*", "fail_below": 800e9}
        self.lint(self.file(link), "--board", "H200 SXM", code=USAGE, says="peak of pcie")
        self.lint(self.file({**RULE, "subject": "drum*"}), code=USAGE, says='no result is called "drum*"')

    def test_every_problem_is_named(self):
        done = self.lint(self.file({**RULE, "fail_below": 0, "code": "PP-0000"}, {**RULE, "id": "y", "unit": "GB/s"}),
                         code=USAGE)
        self.assertGreaterEqual(len(done.out.splitlines()), 3)
        self.assertIn("rule y", done.out)

    def test_what_cannot_be_read(self):
        for text, says in (("{", "line 1"), ("[]", "must be an object"),
                           (json.dumps({"schema": "1.0.0", "name": "x", "version": "1", "rules": [{**FINE, "a": 1}]}),
                            "rules/0/a")):
            self.refuse("peakproof", "policy", "lint", self.file(text=text), says=("policy.json", says))
        self.refuse("peakproof", "policy", "lint", self.folder / "none.json", says="none.json")
        self.refuse("peakproof", "policy", "lint", self.file(), "--board", "H9000", says="H9000")

    def test_the_codes(self):
        page = run("peakproof", "policy", "codes", "--md", stand_in=None)
        self.assertEqual(page.out, (ROOT / "docs/checks.md").read_text())
        every = run("peakproof", "policy", "codes", stand_in=None)
        one = run("peakproof", "policy", "codes", "PP-1101", stand_in=None)
        self.assertEqual(one.code, PASSED)
        self.assertIn("next step", one.out)
        self.assertIn("PP-1101", every.out)
        self.refuse("peakproof", "policy", "codes", "PP-0000", says="PP-0000 is no code")

    def test_patterns_may_name_every_benchmark(self):
        listed = run("peakproof", "list", stand_in=None)
        self.assertEqual(listed.code, PASSED, listed.err)
        source = (ROOT / "bench/CMakeLists.txt").read_text()
        names = re.search(r"set\(benchmarks(.*?)\)", source, re.S)[1].split()
        self.assertGreater(len(names), 30)
        rules = [{**FINE, "id": name, "subject": f"{name}*"} for name in names]
        self.lint(self.file(*rules), code=PASSED)


if __name__ == "__main__":
    main()
