"""What is made of saved reports: peakproof baseline, compare and verify. None of them needs a device."""

from peakproof import *

BENCHMARKS = ("fp32_fma", "fp64_fma", "--benchmark_filter=-mode:burst")
POLICY = {"schema": "1.0.0", "name": "lab", "version": "1", "rules": [
    {"id": "complete", "measure": "validity", "subject": "complete", "outcome": "error", "code": "PP-7101", "source": "x"},
    {"id": "measured", "measure": "validity", "subject": "measured", "outcome": "error", "code": "PP-7102", "source": "x"},
    {"id": "quiet", "measure": "validity", "subject": "quiet", "outcome": "error", "code": "PP-7103", "source": "x"},
    {"id": "issue", "measure": "issue", "code": "PP-1101", "source": "x"},
    {"id": "baseline", "measure": "baseline", "fail_below": 0.98, "code": "PP-1401", "source": "x"}]}


class Saved(EndToEnd):
    """Reports of the stand-in, measured once for the whole file."""
    reports = {}

    @classmethod
    def setUpClass(cls):
        if "folder" not in Saved.reports:
            Saved.reports["folder"] = tempfile.TemporaryDirectory()

    def saved(self, settings, *benchmarks):
        """The report of a run with these settings, as a file of this test's own."""
        key = (settings, benchmarks)
        if key not in self.reports:
            path = Path(self.reports["folder"].name) / f"{len(self.reports)}.json"
            run("peakproof", "run", *(benchmarks or BENCHMARKS), "--quick", f"--json={path}",
                stand_in=f"{SMALL},{settings}")
            self.reports[key] = path.read_text()
        path = self.folder / f"{len(list(self.folder.iterdir()))}-{re.sub('[^a-z0-9.]', '-', settings)}.json"
        path.write_text(self.reports[key])
        return path

    def change(self, path, change):
        """The same file with its `peakproof` part changed."""
        document = parse(path.read_text())
        change(document["peakproof"])
        path.write_text(json.dumps(document))
        return path

    def policy(self, **changes):
        path = self.folder / "policy.json"
        path.write_text(json.dumps({**POLICY, **changes}))
        return path

    def healthy(self):
        return [self.saved(f"speed={speed}") for speed in (0.985, 0.988, 0.99)]

    def baseline(self, reports=None):
        path = self.folder / "baseline.json"
        done = run("peakproof", "baseline", "create", *(reports or self.healthy()), f"--json={path}", "--allow-stand-in")
        self.assertEqual(done.code, PASSED, done.err)
        return path

    def ask(self, *arguments, code=PASSED):
        done = run("peakproof", *arguments)
        self.assertEqual(done.code, code, f"{arguments}: {done.out[-3000:]}{done.err}")
        self.assert_plain(done.out + done.err)
        return done


class Baseline(Saved):
    def test_made_shown_and_checked(self):
        path = self.baseline()
        document = parse(path.read_text())
        self.assertEqual(document["device"]["name"], "STAND-IN H200")
        self.assertTrue(document["device"]["stand_in"])
        self.assertEqual({entry["count"] for entry in document["entries"]}, {3})
        self.assertTrue(any(entry["subject"].startswith("fp64_fma") for entry in document["entries"]))
        for entry in document["entries"]:
            self.assertAlmostEqual(entry["issue"], 0.988, delta=0.01)
        self.assertIn("STAND-IN H200", self.ask("baseline", "show", path).out)
        checked = self.ask("baseline", "check", path)
        self.assertIn(document["sha256"], checked.out)
        self.assertIn("fewer than 6 reports", checked.err)

    def test_to_stdout_and_by_short_option(self):
        reports = self.healthy()
        to_stdout = self.ask("baseline", "create", *reports, "--json", "--allow-stand-in")
        self.assertEqual(parse(to_stdout.out)["kind"], "peakproof baseline")
        path = self.folder / "b.json"
        self.ask("baseline", "create", *reports, "-o", path, "--allow-stand-in")
        self.ask("baseline", "check", path)

    def test_stdout_that_takes_nothing(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BUILD / "peakproof", "baseline", "create", *self.healthy(), "--json",
                                   "--allow-stand-in"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, NOT_WRITTEN, done.stderr)

    def test_against_its_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("the Python package jsonschema is missing")
        schema = parse((ROOT / "reports" / "baseline.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        document = parse(self.baseline().read_text())
        self.assertEqual([error.message for error in validator.iter_errors(document)], [])
        document["entries"][0]["count"] = 2
        self.assertTrue(list(validator.iter_errors(document)))

    def test_poison_is_refused_with_file_and_field(self):
        good = self.healthy()[:2]
        for settings, field in (("speed=0.5", "below its floor"), ("speed=1.1", "above the peak"),
                                ("flaw=wrong", "incorrect"), ("noise=time", "usable in 2 of 3"),
                                ("signal=3:INT", "exit_code"), ("lost=150", "exit_code"),
                                ("power_limit=500", "device.power_limit_w"), ("ecc=off", "device.facts.ecc"),
                                ("name=OTHER", "device.name"), ("sms=8", "device.sm_count")):
            with self.subTest(settings):
                bad = self.saved(settings)
                done = self.refuse("peakproof", "baseline", "create", *good, bad, "--json", "--allow-stand-in",
                                   stand_in=None, says=field)
                if "usable" not in field:
                    self.assertIn(str(bad), done.err)
        self.refuse("peakproof", "baseline", "create", *self.healthy(), "--json", stand_in=None, says="stand_in")

    def test_too_few_or_the_same(self):
        one, two, three = self.healthy()
        self.refuse("peakproof", "baseline", "create", one, two, "--json", "--allow-stand-in", stand_in=None,
                    says="at least 3")
        self.refuse("peakproof", "baseline", "create", one, two, one, "--json", "--allow-stand-in", stand_in=None,
                    says="the same figures")
        self.assertEqual(run("peakproof", "baseline", "create", one, two, three).code, USAGE)  # where to?
        self.assertEqual(run("peakproof", "baseline").code, USAGE)

    def test_bad_files(self):
        path = self.baseline()
        whole = path.read_text()
        bad = {"empty": "", "cut": whole[:-100], "foreign": "{}", "not JSON": "hello", "a report": self.saved("").read_text(),
               "edited": whole.replace('"count": 3', '"count": 4', 1), "NaN": whole.replace('"count": 3', '"count": NaN', 1),
               "newer": whole.replace('"schema": "1.', '"schema": "2.', 1), "huge": "[" * 100000}
        for what, text in bad.items():
            with self.subTest(what):
                self.assertNotEqual(text, whole)
                path.write_text(text)
                self.refuse("peakproof", "baseline", "check", path, stand_in=None, says="baseline.json")
                self.refuse("peakproof", "verify", self.saved(""), "--baseline", path, stand_in=None, says="baseline.json")
        path.write_bytes(b"\x00\xff\xfe{")
        self.refuse("peakproof", "baseline", "check", path, stand_in=None, says="baseline.json")
        self.refuse("peakproof", "baseline", "show", self.folder, stand_in=None, says="folder")
        self.refuse("peakproof", "baseline", "show", self.folder / "none", stand_in=None, says="none")
        reports = self.healthy()
        self.assertEqual(run("peakproof", "baseline", "create", *reports, f"--json={self.folder}/none/b.json",
                             "--allow-stand-in").code, NOT_WRITTEN)


class Compare(Saved):
    def test_itself(self):
        path = self.saved("speed=0.985")
        done = self.ask("compare", path, path)
        self.assertIn("(exit 0)", done.out.splitlines()[-1])
        document = parse(self.ask("compare", path, path, "--json").out)
        self.assertEqual({result["change"] for result in document["results"]}, {"same"})
        self.assertEqual({result["ratio"] for result in document["results"]}, {1})

    def test_slower_and_faster(self):
        fast, slow = self.saved("speed=0.99"), self.saved("speed=0.96")
        self.assertIn("slower", self.ask("compare", fast, slow, code=REJECTED).out)
        self.assertIn("faster", self.ask("compare", slow, fast).out)
        self.ask("compare", fast, slow, "--tolerance", "0.05")
        markdown = self.folder / "c.md"
        done = self.ask("compare", fast, slow, f"--md={markdown}", "--json", code=REJECTED)
        self.assertEqual(parse(done.out)["exit_code"], REJECTED)
        self.assertIn("| slower |", markdown.read_text())

    def test_missing_and_noisy(self):
        both, one, noisy = self.saved("speed=0.985"), self.saved("speed=0.985", "fp32_fma"), self.saved("noise=time")
        self.assertIn("missing", self.ask("compare", both, one, code=REJECTED).out)
        self.ask("compare", one, both, code=PASSED if "burst" not in one.read_text() else REJECTED)
        self.ask("compare", both, noisy, code=INCONCLUSIVE)

    def test_other_devices(self):
        here, other = self.saved("speed=0.985"), self.saved("name=OTHER")
        self.refuse("peakproof", "compare", here, other, stand_in=None, says=("OTHER", "--allow-other-device"))
        self.assertIn("differs: device", run("peakproof", "compare", here, other, "--allow-other-device").out)

    def test_usage(self):
        path = self.saved("speed=0.985")
        for arguments in (("--tolerance", "nan"), ("--tolerance", "-1"), ("--tolerance", "0.5"), ("--tolerance", "x"),
                          ("--json", "--md"), ("--json=",)):
            with self.subTest(arguments):
                self.assertEqual(run("peakproof", "compare", path, path, *arguments).code, USAGE)
        self.assertEqual(run("peakproof", "compare", path).code, USAGE)
        self.refuse("peakproof", "compare", path, self.folder, stand_in=None, says="folder")
        self.assertEqual(run("peakproof", "compare", path, path, f"--json={self.folder}/none/c.json").code, NOT_WRITTEN)


class Verify(Saved):
    def verified(self, path, *arguments, code=PASSED):
        return parse(self.ask("verify", path, *arguments, "--json", code=code).out)["peakproof"]

    def test_a_plain_run(self):
        report = self.verified(self.saved("speed=0.985"), "--policy", self.policy())
        self.assertEqual(report["acceptance"]["level"], "verify")
        self.assertEqual(report["acceptance"]["policy_name"], "lab")
        self.assertEqual((report["exit_code"], report["verdict"]), (PASSED, "pass"))
        self.assertTrue(any(check["status"] == "pass" and check["id"] == "issue" for check in report["checks"]))

    def test_the_same_every_time(self):
        path, target = self.saved("speed=0.985"), self.folder / "verified.json"
        for options in ((), ("--policy", self.policy())):
            with self.subTest(options):
                first = run("peakproof", "verify", path, *options, "--json")
                self.assertEqual(run("peakproof", "verify", path, *options, "--json").out, first.out)
                # Without a policy the one in the report holds, and says the same again, byte for byte.
                target.write_text(first.out)
                again = run("peakproof", "verify", target, "--json")
                self.assertEqual(again.out, first.out)
                self.assertEqual(again.code, first.code)

    def test_the_new_verdict_decides(self):
        path = self.saved("speed=0.985")
        strict = self.policy(rules=[*POLICY["rules"], {"id": "strict", "measure": "issue", "fail_below": 0.995,
                                                      "code": "PP-1101", "source": "x"}])
        report = self.verified(path, "--policy", strict, code=REJECTED)
        self.assertIn("fail", {check["status"] for check in report["checks"] if check["id"] == "strict"})
        self.verified(self.saved("speed=0.5"), "--policy", self.policy(), code=REJECTED)
        self.verified(self.saved("noise=time"), "--policy", self.policy(), code=INCONCLUSIVE)
        self.verified(self.saved("signal=3:INT"), "--policy", self.policy(), code=128 + signal.SIGINT)
        self.verified(self.saved("lost=150"), "--policy", self.policy(), code=FAULT)

    def test_policies_that_cannot_be_used(self):
        path = self.saved("speed=0.985")
        rule = POLICY["rules"][3]
        for what, rules in {"a limit of nothing": [{**rule, "fail_below": 0}], "over the peak": [{**rule, "fail_below": 1.2}],
                            "none": [], "a typo": [{**rule, "meassure": "issue"}], "twice": [rule, rule]}.items():
            with self.subTest(what):
                self.refuse("peakproof", "verify", path, "--policy", self.policy(rules=rules), stand_in=None, says="policy")
        self.refuse("peakproof", "verify", path, "--policy", self.folder, stand_in=None, says="folder")

    def test_against_a_baseline(self):
        baseline = self.baseline()
        policy = self.policy()
        ok, slow = self.saved("speed=0.985"), self.saved("speed=0.955")
        report = self.verified(ok, "--policy", policy, "--baseline", baseline)
        self.assertEqual(report["acceptance"]["baseline_sha256"], parse(baseline.read_text())["sha256"])
        self.verified(slow, "--policy", policy)
        self.verified(slow, "--policy", policy, "--baseline", baseline, code=REJECTED)
        self.refuse("peakproof", "verify", self.saved("name=OTHER"), "--baseline", baseline, stand_in=None,
                    says=("baseline", "OTHER"))
        # What was judged against a baseline is not quietly judged without it.
        judged = self.folder / "judged.json"
        judged.write_text(self.ask("verify", slow, "--policy", policy, "--baseline", baseline, "--json", code=REJECTED).out)
        self.refuse("peakproof", "verify", judged, stand_in=None, says="--without-baseline")
        self.verified(judged, "--baseline", baseline, code=REJECTED)
        self.verified(judged, "--without-baseline")

    def test_a_report_that_was_changed_is_refused(self):
        path = self.saved("speed=0.5")
        self.change(path, lambda part: part["results"][0].update(verdict="pass"))
        self.refuse("peakproof", "verify", path, stand_in=None, says="contradicts itself")
        judged = self.folder / "judged.json"
        judged.write_text(self.ask("verify", self.saved("speed=0.5"), "--policy", self.policy(), "--json", code=REJECTED).out)
        for what, change in {"a check": lambda part: [check.update(status="pass") for check in part["checks"]],
                             "the exit code": lambda part: part.update(exit_code=0, verdict="pass"),
                             "the policy": lambda part: part["acceptance"].update(policy_text="{}")}.items():
            with self.subTest(what):
                forged = self.folder / "forged.json"
                forged.write_text(judged.read_text())
                self.change(forged, change)
                self.refuse("peakproof", "verify", forged, stand_in=None, says="contradicts itself")

    def test_a_lost_copy(self):
        self.assertEqual(run("peakproof", "verify", self.saved("speed=0.985"), "--policy", self.policy(),
                             f"--md={self.folder}/none/a.md").code, NOT_WRITTEN)


if __name__ == "__main__":
    main()
