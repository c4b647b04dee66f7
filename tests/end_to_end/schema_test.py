"""Every kind of report against reports/peakproof.schema.json. Needs the Python package jsonschema."""

from peakproof import *

try:
    import jsonschema
except ImportError:
    print("schema_test: the Python package jsonschema is missing, so this check is not made")
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


class Schema(EndToEnd):
    @classmethod
    def setUpClass(cls):
        schema = parse((ROOT / "reports" / "peakproof.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)

    def assert_valid(self, text):
        document = parse(text)
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
                  for e in self.validator.iter_errors(document)]
        self.assertEqual(errors, [])
        return document

    def test_every_kind_of_run(self):
        kinds = ("", "speed=0.5", "speed=1.1", "noise=time", "foreign_load=50", "flaw=wrong", "flaw=nan", "fail=1",
                 "cc=99.0,bus=384", "mig=on", "nvml=off", "lost=150", "lost=150:ecc", "signal=12:TERM", "signal=12:INT",
                 "clock=0.7,reasons=power", "bus=6144,nvml_bus=6016")
        for settings in kinds:
            with self.subTest(settings):
                done = run("peakproof", "run", *TRUNK, *GEMM, "--quick", "--json", stand_in=f"{SMALL},{settings}".strip(","))
                document = self.assert_valid(done.out)
                self.assert_report(document["peakproof"], done.code)

    def test_every_kind_of_acceptance(self):
        few = ("accept", "fp32_fma", "l2", "--no-retest", "--json")
        kinds = ("", "flaw=wrong", "nvml=off", "lost=150", "count=2;1:xid=5:79")
        for settings in kinds:
            for options in ((), ("--anonymous",)) if settings in ("flaw=wrong", kinds[-1]) else ((),):
                with self.subTest(settings, options=options):
                    done = run("peakproof", *few, *options, stand_in=f"{SMALL},{settings}".strip(","))
                    report = self.assert_valid(done.out)["peakproof"]
                    self.assertEqual(report["exit_code"], done.code)
                    self.assertEqual(report["scope"], "node" if "count" in settings else "device")
                    self.assertTrue(report["checks"])

    def test_anonymous(self):
        self.assert_valid(run("bench_fp32_fma", "--quick", "--json", "--anonymous", stand_in="").out)

    def test_host_cpu(self):
        self.assert_valid(run("bench_fp32_fma", "--device", "cpu", "--quick", "--json").out)
        self.assert_valid(run("bench_wmma_gemm", "--device", "cpu", "--quick", "--json").out)

    def test_the_schema_refuses(self):
        """It is no schema that lets everything pass."""
        document = parse(run("bench_fp32_fma", "--quick", "--json", stand_in="").out)
        for spoil in (lambda d: d["peakproof"].pop("verdict"), lambda d: d["peakproof"].update(surprise=1),
                      lambda d: d["peakproof"]["results"][0].update(verdict="fine"),
                      lambda d: d["benchmarks"][0].update(real_time=0), lambda d: d["context"].update(caches=1)):
            spoiled = parse(json.dumps(document))
            spoil(spoiled)
            self.assertTrue(list(self.validator.iter_errors(spoiled)))


if __name__ == "__main__":
    main()
