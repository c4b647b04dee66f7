"""peakproof merge: the reports of many nodes as one of the fleet."""

from peakproof import *

POLICY = {"schema": "1.0.0", "name": "fleet", "version": "1", "rules": [
    {"id": "complete", "measure": "validity", "subject": "complete", "outcome": "error", "code": "PP-7101", "source": "x"},
    {"id": "issue", "measure": "issue", "code": "PP-1101", "source": "x"},
    {"id": "peer", "measure": "peer", "fail_below": 0.98, "least_z": 2, "code": "PP-1301", "source": "x"}]}


class Merge(EndToEnd):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.measured = {}
            for what, settings in {"healthy": "speed=0.985", "slow": "speed=0.955", "bad": "speed=0.5"}.items():
                path = Path(folder) / f"{what}.json"
                run("peakproof", "run", "fp32_fma", "--benchmark_filter=-mode:burst", "--quick", f"--json={path}",
                    stand_in=f"{SMALL},{settings}")
                cls.measured[what] = path.read_text()

    def setUp(self):
        super().setUp()
        self.policy = self.folder / "policy.json"
        self.policy.write_text(json.dumps(POLICY))

    def node(self, number, what="healthy", change=None):
        """The file of a node: a measured report under another host's name."""
        document = parse(self.measured[what])
        part = document["peakproof"]
        part["run_id"] = f"01900000-0000-7000-8000-{number:012}"
        part["host"]["name"] = f"node-{number}"
        part["device"]["facts"]["uuid"] = f"GPU-{number:08}-0000-4000-8000-000000000000"
        if change:
            change(part)
        path = self.folder / f"node-{number}-{what}.json"
        path.write_text(json.dumps(document))
        return path

    def nodes(self, count):
        return [self.node(number) for number in range(1, count + 1)]

    def merge(self, *arguments, code=PASSED):
        done = run("peakproof", "merge", *arguments, "--policy", self.policy, "--json", timeout=120)
        self.assertEqual(done.code, code, f"{done.out[-3000:]}{done.err}")
        self.assert_plain(done.out + done.err)
        return parse(done.out)["peakproof"]

    def of(self, report, name):
        return [check for check in report["checks"] if check["id"] == name]

    def test_a_healthy_fleet(self):
        report = self.merge(*self.nodes(4), "--expect", "4")
        self.assertEqual((report["scope"], report["verdict"], report["exit_code"]), ("fleet", "pass", PASSED))
        self.assertEqual([node["host"]["name"] for node in report["members"]], [f"node-{n}" for n in range(1, 5)])
        self.assertTrue(all(node["scope"] == "node" for node in report["members"]))
        self.assertRegex(report["run_id"], r"^[0-9a-f-]{36}$")

    def test_who_is_missing_is_named(self):
        hosts = self.folder / "hosts"
        hosts.write_text("# the rack\nnode-1\nnode-2  # new\n\nnode-7.example.org\n")
        report = self.merge(*self.nodes(2), "--expect", hosts, code=REJECTED)
        self.assertEqual([check["subject"] for check in self.of(report, "run.fleet.missing")], ["node-7.example.org"])
        self.merge(*self.nodes(2), "--expect", "3", code=REJECTED)

    def test_bad_expectations(self):
        (self.folder / "none").write_text("# nobody\n")
        (self.folder / "list").write_text("node-1, node-2\n")
        for text in ("0", "-1", "99999999999", self.folder / "none", self.folder / "list", self.folder / "nowhere",
                     self.folder):
            with self.subTest(text):
                self.refuse("peakproof", "merge", self.node(1), f"--expect={text}", stand_in=None)

    def test_an_unreadable_file_is_named(self):
        for what, text in {"cut": self.measured["healthy"][:500], "empty": "", "foreign": "{}"}.items():
            with self.subTest(what):
                broken = self.folder / "broken.json"
                broken.write_text(text)
                report = self.merge(*self.nodes(3), broken, code=INCONCLUSIVE)
                self.assertIn("broken.json", self.of(report, "run.fleet.unreadable")[0]["subject"])
        self.merge(*self.nodes(3), self.folder / "gone.json", code=INCONCLUSIVE)
        forged = self.node(9, "bad", lambda part: part["results"][0].update(verdict="pass"))
        self.assertIn("contradicts", self.of(self.merge(*self.nodes(3), forged, code=INCONCLUSIVE),
                                             "run.fleet.unreadable")[0]["message"])
        self.refuse("peakproof", "merge", self.folder / "gone.json", stand_in=None, says="gone.json")

    def test_versions(self):
        def older(part):
            part["schema"] = "1.3.0"

        def newer(part):
            part["schema"] = "2.0.0"

        report = self.merge(*self.nodes(3), self.node(4, change=older))
        self.assertTrue(any("1.3.0" in check["message"] for check in self.of(report, "run.fleet.mixed")))
        self.refuse("peakproof", "merge", *self.nodes(3), self.node(4, change=newer), stand_in=None,
                    says=("node-4", "schema 2.0.0"))

    def test_nobody_counts_twice(self):
        report = self.merge(*self.nodes(3), self.node(1), "--expect", "3")
        self.assertEqual(len(report["members"]), 3)
        self.assertEqual(len(self.of(report, "run.fleet.duplicate")), 1)

        def later(part):
            part["run_id"] = "01900000-0000-7000-8000-000000000099"
            part["host"]["name"] = "node-1"
            part["device"]["facts"]["uuid"] = "GPU-00000001-0000-4000-8000-000000000000"
            part["finished"] = "2099-01-01T00:00:00+02:00"

        report = self.merge(self.node(5, "bad", later), *self.nodes(2), code=REJECTED)
        self.assertEqual(len(report["members"]), 2)
        self.assertEqual(len(self.of(report, "run.fleet.measured_again")), 1)

    def test_a_slow_node_stands_out(self):
        report = self.merge(*self.nodes(5), self.node(6, "slow"), code=REJECTED)
        outliers = self.of(report, "fleet.peer")
        self.assertEqual(len(outliers), 1, outliers)
        self.assertIn("node-6", outliers[0]["subject"])

    def test_every_format_and_again(self):
        fleet = self.folder / "fleet.json"
        files = self.nodes(3)
        outputs = [f"--{kind}={self.folder}/fleet.{kind}" for kind in ("md", "csv", "html", "junit", "prometheus")]
        done = run("peakproof", "merge", *files, "--policy", self.policy, f"--json={fleet}", *outputs)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertIn("(exit 0)", done.out.splitlines()[-1])
        for kind in ("md", "csv", "html", "junit", "prometheus"):
            self.assertIn("node-2", (self.folder / f"fleet.{kind}").read_text(), kind)
        self.assertEqual(run("peakproof", "report", fleet).out, done.out)
        again = run("peakproof", "verify", fleet, "--json")
        self.assertEqual((again.code, again.out), (PASSED, fleet.read_text()))
        more = self.merge(fleet, self.node(4), "--expect", "4")
        self.assertEqual(len(more["members"]), 4)

    def test_judged_by_the_policy_that_was_used_before(self):
        judged = []
        for file in self.nodes(3):
            done = run("peakproof", "verify", file, "--policy", self.policy, "--json")
            file.write_text(done.out)
            judged.append(file)
        report = parse(run("peakproof", "merge", *judged, "--json").out)["peakproof"]
        self.assertEqual(report["acceptance"]["policy_name"], "fleet")
        mixed = run("peakproof", "merge", *judged, self.node(4), "--json")
        self.assertIn("different policies", mixed.err)
        self.assertEqual(parse(mixed.out)["peakproof"]["acceptance"]["policy_name"], "default")

    def test_anonymous(self):
        done = run("peakproof", "merge", *self.nodes(3), "--policy", self.policy, "--anonymous", "--json")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertNotRegex(done.out, r"node-[0-9]|GPU-0000")

    def test_two_hundred_nodes(self):
        report = self.merge(*self.nodes(200), "--expect", "200")
        self.assertEqual(len(report["members"]), 200)


if __name__ == "__main__":
    main()
