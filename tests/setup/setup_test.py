#!/usr/bin/env python3
"""scripts/{setup,run,test}.sh on a made-up machine: a copy of the scripts in a folder with a space in its name, and a
PATH that holds the basic tools and stand-ins for apt-get, dpkg-query, cmake, nvcc, ... which write down how they are
called. Nothing of this machine is installed, built or measured."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASIC = "awk bash cat chmod dirname env find grep head ln mkdir nproc readlink rm sed sha256sum sort tail touch xargs"

# Every stand-in begins by noting its call; $M is the made-up machine.
STAND_INS = {
    "apt-get": """
        while [[ $1 != update && $1 != install ]]; do shift; done
        if [[ $1 == update ]]; then
          [[ ! -e $M/offline ]] || { echo 'E: no network' >&2; exit 100; }
          exit 0
        fi
        shift 2 # install --no-install-recommends
        for word; do
          if grep -qxF "$word" "$M/unknown"; then echo "E: Unable to locate package $word" >&2; exit 100; fi
        done
        printf '%s\\n' "$@" >>"$M/installed" """,
    "dpkg-query": """
        shift 3
        for word; do ! grep -qxF "$word" "$M/installed" || echo "$word installed"; done""",
    "id": """cat "$M/uid" """,
    "sudo": """exec "$@" """,
    "c++": "",
    "ninja": "",
    "cmake": """
        if [[ $1 == --build ]]; then
          [[ ! -e $M/does_not_compile ]] || exit 1
          install_peakproof "$2"
          exit 0
        fi
        [[ ! -e $M/does_not_configure ]] || { echo 'CMake Error: fmt not found' >&2; exit 1; }
        while (($#)); do
          case $1 in
            -S) source=$2 ;;
            -B) build=$2 ;;
            -DBUILD_TESTING=*) testing=${1#*=} ;;
            -DCMAKE_CUDA_COMPILER=*) nvcc=${1#*=} ;;
          esac
          shift
        done
        { echo "CMAKE_HOME_DIRECTORY:INTERNAL=$source"; echo "CMAKE_CACHEFILE_DIR:INTERNAL=$build"
          echo "BUILD_TESTING:BOOL=$testing"; echo "CMAKE_CUDA_COMPILER:FILEPATH=${nvcc:-}"; } >"$build/CMakeCache.txt"
        touch "$build/build.ninja" """,
    "install_peakproof": """cp_from=$M/peakproof; cat "$cp_from" >"$1/peakproof"; chmod +x "$1/peakproof" """,
    "ctest": """exit "$(cat "$M/ctest_exit_code")" """,
    "python3": "",
}
PEAKPROOF = """
        if [[ $1 == doctor ]]; then echo 'doctor: libcuda.so.1 is missing' ; exit "$(cat "$M/doctor_exit_code")"; fi
        echo 'the table'
        exit "$(cat "$M/run_exit_code")" """
# venv and pip of the made-up /usr/bin/python3.
PYTHON = """
        if [[ $1 == -m && $2 == venv ]]; then
          venv=${*: -1}
          mkdir -p "$venv/bin" "$venv/lib"; cat "$0" >"$venv/bin/python"; chmod +x "$venv/bin/python"
        elif [[ $1 == -m && $2 == pip ]]; then
          [[ ! -e $M/offline ]] || { echo 'ERROR: no network' >&2; exit 1; }
          if [[ $* == *python-audit.txt ]]; then
            tools=${0%/bin/python}/lib/python3.11/site-packages/nvidia/cu13/bin
            mkdir -p "$tools"; touch "$tools/nvdisasm" "$tools/cuobjdump"; chmod +x "$tools"/*
          fi
        fi"""


class MadeUpMachine(unittest.TestCase):
    """A machine where everything is installed but a CUDA toolkit, and that has no GPU."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Path(folder.name) / "machine"
        self.repository = Path(folder.name) / "a clone"
        self.bin = self.machine / "bin"
        self.bin.mkdir(parents=True)
        (self.repository / "scripts").mkdir(parents=True)
        for source in (ROOT / "scripts").iterdir():
            if source.is_file():
                shutil.copy(source, self.repository / "scripts")
        for tool in BASIC.split():
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, body in STAND_INS.items():
            self.stand_in(self.bin / name, body)
        self.stand_in(self.machine / "usr/bin/python3", PYTHON)
        self.stand_in(self.machine / "peakproof", PEAKPROOF)
        self.write("uid", "0")
        self.write("unknown", "")
        self.write("calls", "")
        for code in ("ctest", "run", "doctor"):
            self.write(f"{code}_exit_code", "0")
        self.write("doctor_exit_code", "3")
        self.packages = [line.split() for line in (ROOT / "scripts/packages.txt").read_text().splitlines()
                         if line and not line.startswith("#")]
        self.write("installed", "".join(f"{fields[0]}\n" for fields in self.packages))

    def write(self, name, text):
        (self.machine / name).write_text(text)

    def stand_in(self, path, body):
        path.parent.mkdir(parents=True, exist_ok=True)
        note = "" if path.name in ("id", "dpkg-query") else 'echo "${0##*/} $*" >>"$M/calls"'
        path.write_text(f"#!{shutil.which('bash')}\n{note}\n{body}\n")
        path.chmod(0o755)

    def toolkit(self, version, folder="usr/local/cuda", disassemblers=True):
        path = self.machine / folder / "bin"
        self.stand_in(path / "nvcc", f"echo 'Cuda compilation tools, release {version}, V{version}.99'")
        if disassemblers:
            for name in ("nvdisasm", "cuobjdump"):
                self.stand_in(path / name, "")
        return (path / "nvcc").resolve()

    def uninstall(self, *names):
        self.write("installed", "".join(f"{fields[0]}\n" for fields in self.packages if fields[0] not in names))

    def run_script(self, script, *arguments, path=None, **environment):
        """The script from another folder; .calls is what it called."""
        self.write("calls", "")
        done = subprocess.run(
            [shutil.which("bash"), str(self.repository / "scripts" / script), *arguments], cwd=self.machine, text=True,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
            env={"PATH": str(path or self.bin), "M": str(self.machine), "PEAKPROOF_SYSROOT": str(self.machine),
                 "HOME": str(self.machine), **environment})
        done.calls = (self.machine / "calls").read_text().splitlines()
        return done

    def called(self, done, pattern):
        return [call for call in done.calls if re.search(pattern, call)]

    def assert_called_once(self, done, pattern):
        calls = self.called(done, pattern)
        self.assertEqual(1, len(calls), f"{pattern} in {done.calls}\n{done.stderr}")
        return calls[0]


class Run(MadeUpMachine):
    def test_measures_the_host_cpu_and_says_so_first(self):
        done = self.run_script("run.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("no NVIDIA GPU here", done.stderr.splitlines()[0])
        self.assertEqual("the table\n", done.stdout)
        out = self.repository / "out"
        self.assertEqual(f"peakproof run --json={out}/report.json --md={out}/report.md --device cpu",
                         self.assert_called_once(done, "^peakproof run"))
        self.assertTrue(out.is_dir())

    def test_measures_the_gpu_that_the_doctor_accepts(self):
        self.toolkit("13.0")
        self.stand_in(self.bin / "nvidia-smi", "echo 'GPU 0: NVIDIA H200 (UUID: GPU-1)'")
        self.write("doctor_exit_code", "0")
        done = self.run_script("run.sh")
        self.assertIn("--device cuda:0", self.assert_called_once(done, "^peakproof run"))
        self.assertNotIn("host CPU", done.stderr)

    def test_a_gpu_that_cannot_be_measured_is_explained(self):
        (self.machine / "dev").mkdir()
        (self.machine / "dev/nvidia0").touch()
        done = self.run_script("run.sh")
        self.assertIn("--device cpu", self.assert_called_once(done, "^peakproof run"))
        self.assertIn("cannot be measured", done.stderr)
        self.assertIn("doctor: libcuda.so.1 is missing", done.stderr)

    def test_a_faulty_gpu_is_not_replaced_by_the_cpu(self):
        (self.machine / "dev").mkdir()
        (self.machine / "dev/nvidia0").touch()
        self.write("doctor_exit_code", "4")
        done = self.run_script("run.sh")
        self.assertEqual(4, done.returncode)
        self.assertIn("faulty", done.stderr)
        self.assertFalse(self.called(done, "^peakproof run"))

    def test_arguments_are_passed_on(self):
        done = self.run_script("run.sh", "--quick", "--", "--no-install", "two words")
        call = self.assert_called_once(done, "^peakproof run")
        self.assertTrue(call.endswith("--device cpu --quick --no-install two words"), call)

    def test_the_callers_device_and_report_files_hold(self):
        for given in (["--device", "cuda:1"], ["--device=cuda:1"]):
            done = self.run_script("run.sh", *given, "--json=mine.json")
            call = self.assert_called_once(done, "^peakproof run")
            self.assertEqual(1, call.count("--device"), call)
            self.assertEqual(1, call.count("--json"), call)
            self.assertIn("--md=", call)
            self.assertFalse(self.called(done, "doctor"))

    def test_the_exit_code_is_peakproofs(self):
        for code in (0, 1, 3, 4, 5, 130):
            self.write("run_exit_code", str(code))
            self.assertEqual(code, self.run_script("run.sh").returncode)

    def test_help(self):
        for script in ("run.sh", "test.sh", "setup.sh"):
            done = self.run_script(script, "--help")
            self.assertEqual((0, []), (done.returncode, done.calls))
            self.assertIn(f"usage: scripts/{script}", done.stdout)
            self.assertIn("--no-install", done.stdout)


class Test(MadeUpMachine):
    def test_builds_the_tests_and_runs_them_all(self):
        done = self.run_script("test.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("-DBUILD_TESTING=ON", self.assert_called_once(done, "^cmake -S"))
        self.assertIn("--output-on-failure --no-tests=error", self.assert_called_once(done, "^ctest"))

    def test_the_exit_code_is_ctests(self):
        self.write("ctest_exit_code", "8")
        self.assertEqual(8, self.run_script("test.sh").returncode)

    def test_options_of_ctest_follow_two_dashes(self):
        call = self.assert_called_once(self.run_script("test.sh", "--", "-R", "throughput"), "^ctest")
        self.assertTrue(call.endswith("-R throughput"), call)

    def test_unknown_options_are_refused(self):
        for script in ("test.sh", "setup.sh"):
            done = self.run_script(script, "--frobnicate")
            self.assertEqual((2, []), (done.returncode, done.calls))
            self.assertIn("unknown option '--frobnicate'", done.stderr)

    def test_what_has_passed_is_not_run_again_until_something_changes(self):
        self.assert_called_once(self.run_script("test.sh"), "^ctest")
        again = self.run_script("test.sh")
        self.assertEqual((0, []), (again.returncode, self.called(again, "^ctest")))
        self.assertIn("nothing has changed since all tests passed", again.stderr)
        self.assert_called_once(self.run_script("test.sh", "--again"), "^ctest")
        self.assert_called_once(self.run_script("test.sh", CI="true"), "^ctest")
        self.assert_called_once(self.run_script("test.sh", "--", "-R", "x"), "^ctest")
        (self.repository / "new source.cpp").write_text("int x;\n")
        self.assert_called_once(self.run_script("test.sh"), "^ctest")
        self.assertFalse(self.called(self.run_script("test.sh"), "^ctest"))
        (self.machine / "dev").mkdir()
        (self.machine / "dev/nvidia0").touch()  # a GPU: now its tests can run
        self.assert_called_once(self.run_script("test.sh"), "^ctest")

    def test_what_has_failed_is_run_again(self):
        self.write("ctest_exit_code", "8")
        self.run_script("test.sh")
        self.assert_called_once(self.run_script("test.sh"), "^ctest")

    def test_run_after_test_keeps_the_tests(self):
        self.run_script("test.sh")
        self.assertFalse(self.called(self.run_script("run.sh"), "^cmake -S"))


class Again(MadeUpMachine):
    def test_a_second_run_installs_and_configures_nothing(self):
        self.uninstall("libfmt-dev", "shellcheck")
        self.toolkit("13.0", disassemblers=False)
        for script in ("run.sh", "test.sh"):
            first = self.run_script(script)
            self.assertEqual(0, first.returncode, first.stderr)
            self.assertTrue(self.called(first, "apt-get .*install"), "the first run has something to do")
            self.assertTrue(self.called(first, "pip install"), "the first run has something to do")
            self.write("offline", "")
            second = self.run_script(script)
            self.assertEqual(0, second.returncode, second.stderr)
            self.assertFalse(self.called(second, "apt-get|venv|pip|cmake -S"), second.calls)
            (self.machine / "offline").unlink()

    def test_a_changed_list_of_wheels_is_installed(self):
        self.run_script("test.sh")
        with (self.repository / "scripts/python-test.txt").open("a") as file:
            file.write("another\n")
        self.assert_called_once(self.run_script("test.sh"), "pip install")

    def test_a_moved_clone_is_configured_afresh(self):
        self.run_script("run.sh")
        self.repository = self.repository.rename(self.repository.with_name("another place"))
        done = self.run_script("run.sh")
        self.assertIn("--fresh", self.assert_called_once(done, "^cmake -S"))

    def test_a_new_toolkit_is_taken_up(self):
        self.run_script("run.sh")
        nvcc = self.toolkit("12.4")
        call = self.assert_called_once(self.run_script("run.sh"), "^cmake -S")
        self.assertIn(f"-DPEAKPROOF_CUDA=ON -DCMAKE_CUDA_COMPILER={nvcc}", call)
        self.assertNotIn("--fresh", call)
        self.toolkit("13.1", "usr/local/cuda-13.1")
        self.assertIn("--fresh", self.assert_called_once(self.run_script("run.sh"), "^cmake -S"))


class Toolkit(MadeUpMachine):
    def configured(self, **environment):
        done = self.run_script("setup.sh", **environment)
        self.assertEqual(0, done.returncode, done.stderr)
        return self.assert_called_once(done, "^cmake -S"), done.stderr

    def test_without_one_the_build_is_cpu_only_and_says_where_to_get_one(self):
        call, text = self.configured()
        self.assertIn("-DPEAKPROOF_CUDA=OFF", call)
        self.assertIn("no CUDA toolkit 12.4 or later found: building without CUDA", text)
        self.assertIn("CUDA Toolkit Downloads", text)

    def test_an_old_one_is_named_and_not_used(self):
        for version in ("9.2", "11.8", "12.3"):
            shutil.rmtree(self.repository / "build", ignore_errors=True)
            self.toolkit(version)
            call, text = self.configured()
            self.assertIn("-DPEAKPROOF_CUDA=OFF", call)
            self.assertIn(f"(nvcc {version} at {self.machine}/usr/local/cuda/bin/nvcc is too old)", text)

    def test_the_newest_is_used_and_an_old_one_in_path_is_passed_over(self):
        self.toolkit("12.8", "usr/local/cuda-12.8")
        self.toolkit("9.9", "usr/local/cuda-9.9")
        newest = self.toolkit("13.10", "usr/local/cuda-13.10")
        self.toolkit("13.9", "usr/local/cuda-13.9")
        self.stand_in(self.bin / "nvcc", "echo 'release 11.8, V11.8.89'")
        self.assertIn(f"-DCMAKE_CUDA_COMPILER={newest} ", self.configured()[0] + " ")

    def test_the_users_choice_goes_before_path_and_usr_local(self):
        self.toolkit("13.0")
        self.toolkit("13.0", "usr/local/bin/../../path")
        mine = self.toolkit("12.6", "opt/mine")
        for environment in ({"CUDACXX": str(mine)}, {"CUDA_HOME": str(mine.parents[1])}):
            shutil.rmtree(self.repository / "build", ignore_errors=True)
            self.assertIn(f"-DCMAKE_CUDA_COMPILER={mine} ", self.configured(**environment)[0] + " ")

    def test_disassemblers_come_as_wheels_where_the_toolkit_lacks_them(self):
        self.toolkit("13.0", disassemblers=False)
        self.assertIn(f"-DPEAKPROOF_TOOLS={self.repository}/.venv/bin", self.configured()[0])
        for name in ("nvdisasm", "cuobjdump"):
            self.assertTrue(os.access(self.repository / ".venv/bin" / name, os.X_OK))

    def test_the_toolkits_own_disassemblers_need_no_wheels(self):
        self.toolkit("13.0")
        call, _ = self.configured()
        self.assertIn("-DPEAKPROOF_TOOLS= ", call + " ")
        self.assertFalse((self.repository / ".venv").exists())

    def test_without_network_the_machine_code_stays_unaudited(self):
        self.toolkit("13.0", disassemblers=False)
        self.write("offline", "")
        call, text = self.configured()
        self.assertIn("-DPEAKPROOF_TOOLS= ", call + " ")
        self.assertIn("'unaudited'", text)


class Install(MadeUpMachine):
    def test_no_install_changes_nothing_and_says_what_is_missing(self):
        self.uninstall("libfmt-dev", "clang-tidy-14")
        self.toolkit("13.0", disassemblers=False)
        done = self.run_script("test.sh", "--no-install")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertFalse(self.called(done, "apt-get|sudo|venv|pip"), done.calls)
        self.assertFalse((self.repository / ".venv").exists())
        self.assertIn("not installed (--no-install): libfmt-dev clang-tidy-14", done.stderr)
        self.assertIn("sudo apt-get install --no-install-recommends libfmt-dev clang-tidy-14", done.stderr)
        self.assertIn("scripts/python-audit.txt", done.stderr)
        self.assert_called_once(done, "^ctest")

    def test_no_install_ends_with_2_where_it_cannot_build(self):
        self.uninstall("libfmt-dev")
        self.write("does_not_configure", "")
        done = self.run_script("run.sh", "--no-install")
        self.assertEqual(2, done.returncode)
        self.assertIn("CMake Error: fmt not found", done.stderr)
        self.assertIn("apt-get install --no-install-recommends libfmt-dev", done.stderr.splitlines()[-1])
        self.assertFalse(self.called(done, "peakproof"))

    def test_a_missing_compiler_or_cmake_ends_with_2(self):
        for tool, package in (("cmake", "cmake"), ("c++", "g++")):
            self.uninstall(package)
            (self.bin / tool).rename(self.bin / "hidden")
            done = self.run_script("run.sh", "--no-install")
            (self.bin / "hidden").rename(self.bin / tool)
            self.assertEqual(2, done.returncode)
            self.assertIn(f"{tool} is missing: sudo apt-get install", done.stderr)

    def test_installs_without_questions_and_without_recommends(self):
        self.uninstall("libfmt-dev", "libcli11-dev")
        self.stand_in(self.bin / "apt-get", """echo "frontend $DEBIAN_FRONTEND" >>"$M/calls" """ + STAND_INS["apt-get"])
        done = self.run_script("run.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(self.called(done, "^frontend noninteractive"))
        self.assertFalse(self.called(done, "^sudo"))
        call = self.assert_called_once(done, "^apt-get .*install")
        self.assertIn("install --no-install-recommends libfmt-dev libcli11-dev", call)
        self.assertIn(" -y ", call)

    def test_run_installs_no_packages_of_the_tests(self):
        self.uninstall("libgtest-dev", "clang-tidy-14")
        self.assertFalse(self.called(self.run_script("run.sh"), "apt-get"))
        self.assert_called_once(self.run_script("test.sh"), "^apt-get .*install .*libgtest-dev clang-tidy-14")

    def test_a_command_in_path_does_as_well_as_its_package(self):
        self.uninstall("cmake", "ninja-build")
        self.assertFalse(self.called(self.run_script("run.sh"), "apt-get"))

    def test_sudo_is_used_where_needed_and_hands_on_the_proxy(self):
        self.uninstall("libfmt-dev")
        self.write("uid", "1000")
        done = self.run_script("run.sh", https_proxy="http://proxy.example:3128")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue(self.called(done, "^sudo env .*https_proxy=http://proxy.example:3128 .*install"))

    def test_without_root_and_sudo_it_says_what_to_install_and_goes_on(self):
        self.uninstall("libfmt-dev")
        self.write("uid", "1000")
        (self.bin / "sudo").unlink()
        done = self.run_script("run.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("not installed (you are not root and there is no sudo): libfmt-dev", done.stderr)

    def test_another_distribution_is_told_what_it_needs(self):
        (self.bin / "apt-get").unlink()
        (self.bin / "dpkg-query").unlink()
        (self.bin / "ninja").unlink()
        (self.bin / "cmake").rename(self.bin / "hidden")
        done = self.run_script("run.sh")
        self.assertEqual(2, done.returncode)
        self.assertIn("there is no apt-get here", done.stderr)
        self.assertIn("cmake is missing", done.stderr)

    def test_a_required_package_that_cannot_be_had_ends_with_2(self):
        self.uninstall("libfmt-dev", "git")
        self.write("unknown", "libfmt-dev\n")
        done = self.run_script("run.sh")
        self.assertEqual(2, done.returncode)
        self.assertIn("could not install libfmt-dev: E: Unable to locate package libfmt-dev", done.stderr)
        self.assertFalse(self.called(done, "cmake"))

    def test_without_an_optional_package_it_goes_on(self):
        self.uninstall("libfmt-dev", "clang-format-14", "shellcheck")
        self.write("unknown", "clang-format-14\n")
        done = self.run_script("test.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("going on without clang-format-14 (lint: format): E: Unable to locate package", done.stderr)
        installed = (self.machine / "installed").read_text().split()
        self.assertIn("libfmt-dev", installed)
        self.assertIn("shellcheck", installed)

    def test_stale_package_lists_are_tried(self):
        self.uninstall("libfmt-dev")
        self.write("offline", "")
        done = self.run_script("run.sh")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("apt-get update failed (E: no network)", done.stderr)

    def test_a_build_that_fails_ends_with_2(self):
        self.write("does_not_compile", "")
        for script in ("run.sh", "test.sh"):
            done = self.run_script(script)
            self.assertEqual(2, done.returncode)
            self.assertIn("the build failed", done.stderr)
            self.assertFalse(self.called(done, "peakproof run|ctest"))


if __name__ == "__main__":
    sys.exit(unittest.main())
