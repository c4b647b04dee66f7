"""Wrong usage: exit code 2, one line that says what and what to do, nothing measured and nothing written."""

from peakproof import *

BENCHES = ("bench_fp32_fma", "bench_dram", "bench_wmma_gemm")


class Options(EndToEnd):
    def test_unknown_option(self):
        for program in BENCHES:
            self.refuse(program, "--no-such-option", says=("--no-such-option", "--help"))
            self.refuse(program, "stray", says=("stray", "--help"))
        self.refuse("peakproof", "run", "--no-such-option", says=("--no-such-option", "--help"))

    def test_unknown_benchmark(self):
        self.refuse("peakproof", "run", "no_such_benchmark", says=("no_such_benchmark", "there are fp32_fma"))

    def test_subcommands(self):
        self.refuse("peakproof", says="--help")
        self.refuse("peakproof", "no-such-command", says="--help")
        self.refuse("peakproof", "report", says="--help")

    def test_min_efficiency(self):
        for value in ("0", "-0.5", "2", "1.0001", "nan", "inf", "text", "", "0.9x"):
            with self.subTest(value):
                self.refuse("bench_fp32_fma", f"--min-efficiency={value}", says="--min-efficiency")
        self.refuse("bench_fp32_fma", "--min-efficiency", says="--min-efficiency")

    def test_data(self):
        for value in ("noise", "", "1"):
            self.refuse("bench_dram", f"--data={value}", says="--data")

    def test_device(self):
        for value in ("cuda:1", "cuda:x", "cuda:-1", "GPU-00000000", "99:00.0", "rocm", "0", "gpu0"):
            with self.subTest(value):
                self.refuse("bench_fp32_fma", "--device", value,
                            says=(value, "no such device", "cuda:0", "STAND-IN H200", "00000000:17:00.0", "cpu"))

    def test_device_without_a_driver(self):
        self.refuse("bench_fp32_fma", "--device=banana", stand_in=None, says="banana")

    def test_timeout(self):
        for value in ("0", "-1", "nan", "soon", "1e9"):
            with self.subTest(value):
                self.refuse("bench_fp32_fma", f"--timeout={value}", says="--timeout")

    def test_size(self):
        for value in ("0", "-4GiB", "big", "4 giraffes", "nan", "inf", "1e30", ""):
            with self.subTest(value):
                self.refuse("bench_dram", f"--size={value}", says="--size")

    def test_size_that_the_cache_would_hold(self):
        self.refuse("bench_dram", "--size", "1MiB", says=("--size", "too small", "64 x L2"))

    def test_size_beyond_the_memory(self):
        self.refuse("bench_dram", "--size", "4GiB", says=("--size", "too large"))

    def test_size_is_taken(self):
        done = self.measure(*COPY, "--size", "40MiB", stand_in="", verdict="pass")
        self.assertEqual(done.result["params"]["bytes"], str(40 << 20))
        self.assertEqual(done.result["work_per_launch"], 2 * (40 << 20))

    def test_shape_that_is_no_multiple_of_the_tile(self):
        for shape in (("--m", "100"), ("--n", "300"), ("--k", "63"), ("--m", "1"), ("--m", "128", "--n", "128")):
            with self.subTest(shape):
                self.refuse("bench_wmma_gemm", *shape, says=("multiples of", "128", "256", "64", "--m --n --k"))

    def test_shape_that_is_no_number(self):
        for value in ("0", "-128", "many", "1.5", "99999999999"):
            with self.subTest(value):
                self.refuse("bench_wmma_gemm", f"--m={value}", says="--m")

    def test_two_outputs_on_stdout(self):
        for pair in (("--json", "--csv"), ("--md", "--json"), ("--csv", "--md")):
            self.refuse("bench_fp32_fma", *pair, says=("stdout", pair[0], pair[1]))

    def test_output_without_a_name(self):
        for option in ("--json=", "--md=", "--csv="):
            self.refuse("bench_fp32_fma", option, says=option.rstrip("="))

    def test_bare_output_swallows_nothing(self):
        # "--json file" is stdout and a stray argument, never a file.
        self.refuse("bench_fp32_fma", "--json", "report.json", says="report.json")


class GoogleBenchmark(EndToEnd):
    def test_its_output_flags_are_ours(self):
        self.refuse("bench_fp32_fma", "--benchmark_format=json", says=("--benchmark_format", "--json"))
        self.refuse("bench_fp32_fma", "--benchmark_out=a.json", says=("--benchmark_out", "--json=FILE"))
        self.refuse("bench_fp32_fma", "--benchmark_out_format=csv", says=("--benchmark_out", "--csv"))
        self.refuse("peakproof", "run", "--benchmark_format=json", says="--benchmark_format")

    def test_unknown_flag_of_its_kind(self):
        self.refuse("bench_fp32_fma", "--benchmark_no_such_flag=1", says="--benchmark_no_such_flag")

    def test_filter_that_matches_nothing(self):
        self.refuse("bench_fp32_fma", "--benchmark_filter=nothing", says=("--benchmark_filter", "--list"))

    def test_filter_chooses(self):
        done = self.measure("peakproof", "run", "--benchmark_filter=^dram/.*pattern:copy", verdict="pass")
        self.assertEqual(done.result["name"], "dram")

    def test_repetitions(self):
        done = self.measure("bench_fp32_fma", "--benchmark_repetitions=3")
        self.assertEqual([r["params"].get("repetition") for r in done.report["results"]], [None, "1", "2"])
        self.assertEqual(len(done.report["completeness"]["planned"]), 3)


class Information(EndToEnd):
    """What is asked for goes to stdout, with exit code 0, and needs no device."""

    def ask(self, *command, stand_in=None):
        done = run(*command, stand_in=stand_in)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertEqual(done.err, "")
        self.assert_plain(done.out)
        return done.out

    def test_help(self):
        for program in BENCHES:
            text = self.ask(program, "--help")
            for option in ("--device", "--json", "--md", "--csv", "--quick", "--plateau", "--data", "--min-efficiency",
                           "--anonymous", "--list", "--version", "--skip-if-no-gpu", "--timeout"):
                self.assertIn(option, text)
        text = self.ask("peakproof", "--help")
        for command in ("list", "theory", "run", "report", "doctor"):
            self.assertRegex(text, rf"(?m)^\s+{command}\b")
            self.assertIn("--help", self.ask("peakproof", command, "--help"))

    def test_version(self):
        for program in (*BENCHES, "peakproof"):
            self.assertRegex(self.ask(program, "--version"), r"^peakproof [0-9]+\.[0-9]+\.[0-9]+ \(commit \S+\)\n$")

    def test_list_measures_nothing(self):
        text = self.ask("bench_fp32_fma", "--list", stand_in="")
        self.assertEqual(text, "fp32_fma\n")
        names = self.ask("peakproof", "run", *TRUNK, *GEMM, "--list", stand_in=SMALL).splitlines()
        self.assertEqual(list(dict.fromkeys(re.split("[/]", name)[0] for name in names)),
                         ["fp32_fma", "dram", "wmma_gemm"])

    def test_google_benchmark_lists_too(self):
        self.assertRegex(self.ask("bench_fp32_fma", "--benchmark_list_tests", stand_in=""), r"^fp32_fma\b.*\n$")

    def test_peakproof_list(self):
        text = self.ask("peakproof", "list")
        for name in ("fp32_fma", "dram", "wmma_gemm"):
            self.assertRegex(text, rf"(?m)^{name}\s+yes\s")


if __name__ == "__main__":
    main()
