"""Where reports go: stdout carries one thing, files are whole or absent, nothing private leaks when it is withheld."""

import csv
import getpass
import io
import pty
import socket
import stat

from peakproof import *

NAMED = {"json": ".json", "md": ".md", "csv": ".csv"}


class Stdout(EndToEnd):
    def run_fp32(self, *options, stand_in="", code=PASSED, **more):
        done = run("bench_fp32_fma", "--quick", *options, stand_in=stand_in, **more)
        self.assertEqual(done.code, code, done.err)
        self.assert_plain(done.out + done.err)
        return done

    def test_table_by_default(self):
        out = self.run_fp32().out
        self.assertIn("STAND-IN", out)
        self.assertEqual(out.splitlines()[-1], "verdict: pass (exit 0)")
        self.assertTrue(all(len(line) <= 120 for line in out.splitlines()))

    def test_only_json(self):
        done = self.run_fp32("--json")
        self.assertEqual(set(parse(done.out)), {"context", "benchmarks", "peakproof"})
        self.assertEqual(done.err, "")

    def test_json_is_google_benchmarks(self):
        report = parse(run("peakproof", "run", *TRUNK, *GEMM, "--quick", "--json", stand_in=SMALL).out)
        self.assertIsInstance(report["context"]["caches"], list)
        rows = report["benchmarks"]
        self.assertEqual([row["name"].split("/")[0] for row in rows], ["fp32_fma", "dram", "wmma_gemm"])
        for row, result in zip(rows, report["peakproof"]["results"]):
            self.assertGreater(row["real_time"], 0)
            self.assertAlmostEqual(row["real_time"], 1e3 * result["summary"]["median_s"])
            self.assertEqual("bytes_per_second" in row, result["unit"] == "B/s")
            self.assertEqual("items_per_second" in row, result["unit"] != "B/s")

    def test_unmeasured_rows_are_left_out(self):
        report = parse(run("bench_fp32_fma", "--quick", "--json", stand_in="fail=1").out)
        self.assertEqual(report["benchmarks"], [])
        self.assertEqual(len(report["peakproof"]["results"]), 1)

    def test_only_markdown(self):
        out = self.run_fp32("--md").out
        self.assertTrue(out.startswith("#"))
        self.assertIn("STAND-IN", out)
        self.assertRegex(out, r"(?m)^\|")

    def test_only_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.run_fp32("--csv").out)))
        self.assertEqual([row["benchmark"] for row in rows], ["fp32_fma"])
        self.assertEqual(rows[0]["verdict"], "pass")

    def test_files_leave_the_table_on_stdout(self):
        done = self.run_fp32(f"--json={self.folder}/a.json", f"--md={self.folder}/a.md", f"--csv={self.folder}/a.csv")
        self.assertEqual(done.out.splitlines()[-1], "verdict: pass (exit 0)")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["a.csv", "a.json", "a.md"])
        self.assert_report(parse((self.folder / "a.json").read_text())["peakproof"], PASSED)

    def test_one_on_stdout_others_in_files(self):
        done = self.run_fp32("--json", f"--md={self.folder}/a.md")
        parse(done.out)
        self.assertTrue((self.folder / "a.md").read_text().startswith("#"))

    def test_closed_stdout(self):
        process = start("bench_fp32_fma", "--quick", stand_in=SMALL + ",pause_ms=20")
        process.stdout.close()
        process.wait(timeout=60)
        err = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.returncode, NOT_WRITTEN, err)
        self.assertIn("stdout", err)

    def test_full_device(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.run([str(BUILD / "bench_fp32_fma"), "--quick", "--json"], env=environment(""),
                                     stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(process.returncode, NOT_WRITTEN)
        self.assertIn("stdout", process.stderr)


class Terminal(EndToEnd):
    """Progress is for a terminal, and for what takes longer than two seconds."""

    def on_a_terminal(self, settings, **env):
        controller, terminal = pty.openpty()
        process = subprocess.Popen([str(BUILD / "bench_fp32_fma"), "--quick", "--json"],
                                   env=environment(settings, {"TERM": "xterm", **env}), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        seen = b""
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
        os.close(controller)
        out = process.stdout.read().decode()
        process.stdout.close()
        process.wait(timeout=60)
        return out, seen.decode()

    def test_progress_of_a_long_step(self):
        out, seen = self.on_a_terminal("noise=time,pause_ms=120")
        self.assert_plain(out)
        parse(out)
        self.assertIn("[1/1] fp32_fma", seen)
        self.assertIn("\r", seen)
        self.assertTrue(seen.endswith("\r\x1b[K"), "the line is taken away")

    def test_nothing_for_a_short_one(self):
        _, seen = self.on_a_terminal("")
        self.assertEqual(seen, "")


class Files(EndToEnd):
    def test_unwritable_is_said_first_and_counts_last(self):
        folder = self.folder / "locked"
        folder.mkdir()
        cases = {f"{self.folder}/nowhere/a": "no folder", str(folder): "is a folder"}
        for option, suffix in NAMED.items():
            for path, why in cases.items():
                with self.subTest(option=option, why=why):
                    done = run("bench_fp32_fma", "--quick", f"--{option}={path}", stand_in="")
                    self.assertEqual(done.code, NOT_WRITTEN, done.err)
                    lines = done.err.splitlines()
                    self.assertEqual(len(lines), 2, done.err)
                    self.assertRegex(lines[0], rf"^warning: --{option}=.*{why}")
                    self.assertRegex(lines[1], r"^error: .*not written")
                    self.assertIn("verdict: ", done.out)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["locked"])
        self.assertEqual(list(folder.iterdir()), [])

    def test_json_beside_a_lost_report_holds_the_code(self):
        done = run("bench_fp32_fma", "--quick", "--json", f"--md={self.folder}/nowhere/a.md", stand_in="")
        self.assertEqual(done.code, NOT_WRITTEN)
        self.assert_report(done.report, NOT_WRITTEN)

    def test_warning_comes_before_the_measuring(self):
        process = start("bench_fp32_fma", f"--json={self.folder}/nowhere/a.json", stand_in=SMALL + ",pause_ms=200")
        first = process.stderr.readline()
        self.assertIsNone(process.poll())
        self.assertIn("warning: --json=", first)
        process.kill()
        finish(process)

    @unittest.skipIf(os.geteuid() == 0, "nothing is forbidden to root")
    def test_forbidden_folder(self):
        self.folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
        done = run("bench_fp32_fma", "--quick", f"--json={self.folder}/a.json", stand_in="")
        self.folder.chmod(stat.S_IRWXU)
        self.assertEqual(done.code, NOT_WRITTEN)
        self.assertIn("permission", done.err)

    def test_older_file_is_replaced_whole(self):
        target = self.folder / "a.json"
        target.write_text("old " * 100000)
        target.chmod(0o640)
        self.assertEqual(run("bench_fp32_fma", "--quick", f"--json={target}", stand_in="").code, PASSED)
        self.assert_report(parse(target.read_text())["peakproof"], PASSED)
        self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o640)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["a.json"])

    def test_symbolic_link_is_followed(self):
        (self.folder / "real.json").write_text("{}")
        (self.folder / "link.json").symlink_to("real.json")
        self.assertEqual(run("bench_fp32_fma", "--quick", f"--json={self.folder}/link.json", stand_in="").code, PASSED)
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assert_report(parse((self.folder / "real.json").read_text())["peakproof"], PASSED)

    def test_relative_name(self):
        done = run("bench_fp32_fma", "--quick", "--json=a.json", stand_in="", cwd=self.folder)
        self.assertEqual(done.code, PASSED)
        parse((self.folder / "a.json").read_text())

    def test_device_file(self):
        done = run("bench_fp32_fma", "--quick", "--csv=/dev/null", stand_in="")
        self.assertEqual(done.code, PASSED, done.err)


class Anonymous(EndToEnd):
    def secrets(self):
        # Words that are too short or stand in every report cannot be looked for.
        names = {socket.gethostname(), getpass.getuser(), os.environ.get("USER", "")}
        return {name for name in names if len(name) > 3}

    def test_withholds(self):
        target = self.folder / "a.json"
        for option in ("--json", "--md", "--csv", None):
            with self.subTest(option):
                options = ([option] if option else []) + ([f"--csv={target}"] if option != "--csv" else [])
                done = run("bench_fp32_fma", "--quick", "--anonymous", "--device", "GPU-57a2d120-0000-4000", *options,
                           stand_in=SMALL)
                self.assertEqual(done.code, PASSED, done.err)
                for secret in ("57a2d120-0000-4000-8000", "00000000:17:00.0", "165000000000", str(BUILD),
                               str(self.folder), *self.secrets()):
                    self.assertNotIn(secret, done.out)

    def test_says_so(self):
        report = self.measure("bench_fp32_fma", "--anonymous").report
        self.assertTrue(report["anonymous"])
        self.assertEqual(report["host"]["name"], "withheld")
        self.assertEqual(report["device"]["facts"]["uuid"], "withheld")
        self.assertEqual(report["device"]["facts"]["serial"], "withheld")

    def test_otherwise_tells(self):
        report = self.measure("bench_fp32_fma").report
        self.assertFalse(report["anonymous"])
        self.assertEqual(report["host"]["name"], socket.gethostname())
        self.assertEqual(report["device"]["facts"]["uuid"], "GPU-57a2d120-0000-4000-8000-000000000000")

    def test_later_from_a_saved_report(self):
        target = self.folder / "a.json"
        run("bench_fp32_fma", "--quick", f"--json={target}", stand_in="")
        done = run("peakproof", "report", target, "--json", "--anonymous")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertTrue(done.report["anonymous"])
        self.assertNotIn("57a2d120-0000-4000-8000", done.out)


if __name__ == "__main__":
    main()
