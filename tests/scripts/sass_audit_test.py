#!/usr/bin/env python3
"""The audit on small made-up disassemblies: what it counts, what it refuses, what it writes."""

import contextlib
import hashlib
import io
import json
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import sass_audit  # noqa: E402

NAME = "_ZN9peakproof7kernels4workEfi"


def sass(*lines):
    """nvdisasm's text of one kernel; a line that ends with ':' is a label."""
    text = ["\t.target\tsm_90a", f'\t.section\t.text.{NAME},"ax",@progbits', f".text.{NAME}:"]
    address = 0
    for line in lines:
        if line.endswith(":"):
            text.append(line)
        else:
            guard, _, code = line.rpartition("|")
            text.append(f"        /*{address:04x}*/              {guard:>6} {code} ;")
            address += 16
    return "\n".join(text) + "\n"


FMA = ["FFMA R2, R2, R2, R5.reuse", "FFMA R3, R3, R3, R5"]
COUNTER = ["IADD3 R7, R7, 0x1, RZ", "ISETP.GE.AND P0, PT, R7, R8, PT"]
BACK = ["@!P0|BRA `(.L_x_1)"]
END = ["EXIT", ".L_x_9:", "BRA `(.L_x_9)", "NOP", "NOP"]
GOOD = ["MOV R1, R1", ".L_x_1:", *FMA, *COUNTER, *BACK, *END]


def run_audit(lines, words, scope="loop", stack=0, steps=1):
    _, functions = sass_audit.parse_sass(sass(*lines))
    outcome = sass_audit.Outcome("work", "sm_90a", "00", stack_bytes=stack)
    sass_audit.audit(functions[NAME], sass_audit.parse_claim(scope, words.split(), "here"), steps, outcome)
    return outcome


class Parsing(unittest.TestCase):
    def test_reads_architecture_function_labels_and_operands(self):
        architecture, functions = sass_audit.parse_sass(sass(*GOOD))
        self.assertEqual(architecture, "sm_90a")
        function = functions[NAME]
        self.assertEqual(len(function.instructions), 10)
        self.assertEqual(function.labels, {".L_x_1": 0x10, ".L_x_9": 0x70})
        self.assertEqual(function.instructions[1].operands, ("R2", "R2", "R2", "R5.reuse"))
        self.assertEqual(function.instructions[5].guard, "@!P0")

    def test_a_real_line_with_descriptor_and_bracket_operands(self):
        text = sass().rstrip() + "\n        /*00c0*/                   LDG.E.128 R4, desc[UR4][R36.64+0x10] ;\n"
        instruction = sass_audit.parse_sass(text)[1][NAME].instructions[0]
        self.assertEqual((instruction.opcode, instruction.operands), ("LDG.E.128", ("R4", "desc[UR4][R36.64+0x10]")))

    def test_code_of_other_sections_is_no_part(self):
        text = sass("EXIT") + '\t.section\t.nv.info,"",@"x"\n        /*0000*/                   FFMA R1, R1, R1, R2 ;\n'
        self.assertEqual(len(sass_audit.parse_sass(text)[1][NAME].instructions), 1)

    def test_modifiers_match_in_any_order_and_opcodes_whole(self):
        load = sass_audit.Instruction(0, "", "LDG.E.128.CONSTANT", ())
        self.assertTrue(load.matches("LDG") and load.matches("LDG.128.E"))
        self.assertFalse(load.matches("LDG.64") or load.matches("LD"))

    def test_usage(self):
        text = "Resource usage:\n GLOBAL:0\n Function _Zx:\n  REG:28 STACK:16 SHARED:0 LOCAL:0\n"
        self.assertEqual(sass_audit.parse_usage(text), {"_Zx": (28, 16)})


class Loops(unittest.TestCase):
    def test_the_end_of_a_kernel_is_no_loop(self):
        _, functions = sass_audit.parse_sass(sass(*END))
        self.assertEqual(sass_audit.find_loops(functions[NAME]), [])

    def test_takes_the_innermost_loop_with_the_work(self):
        other = [".L_x_3:", "IADD3 R1, R1, R1, RZ", "@P3|BRA `(.L_x_3)"]
        lines = [".L_x_0:", "MOV R2, R3", ".L_x_1:", *FMA, *BACK, "@P2|BRA `(.L_x_0)", *other]
        outcome = run_audit(lines, "FFMA=2")
        self.assertEqual((outcome.failures, outcome.instructions), ([], 3))

    def test_two_loops_with_the_work_are_one_too_many(self):
        lines = [".L_x_1:", *FMA, *BACK, ".L_x_2:", *FMA, "@P0|BRA `(.L_x_2)"]
        self.assertIn("2 innermost loops", run_audit(lines, "FFMA=2").failures[0])

    def test_no_loop_with_the_work(self):
        self.assertIn("0 innermost loops", run_audit([*FMA, *END], "FFMA=2").failures[0])

    def test_a_loop_that_leaves_by_a_forward_call_and_returns_by_a_plain_branch(self):
        lines = [".L_x_1:", *FMA, *COUNTER, "@P0|CALL.REL.NOINC `(.L_x_2)", "BRA `(.L_x_1)", ".L_x_2:", *END]
        self.assertEqual(run_audit(lines, "FFMA=2").failures, [])

    WAIT = ["SYNCS.TRYWAIT P1, [UR6], R4", "@!P1|BRA `(.L_x_5)", ".L_x_6:"]
    OUT_OF_THE_WAY = [".L_x_5:", "SYNCS.TRYWAIT P1, [UR6], R4", "@!P1|BRA `(.L_x_5)", "BRA `(.L_x_6)"]

    def test_waiting_that_was_moved_out_of_the_way_counts_and_skips_nothing(self):
        lines = [".L_x_1:", *self.WAIT, *FMA, *COUNTER, *BACK, *END, *self.OUT_OF_THE_WAY]
        outcome = run_audit(lines, "FFMA=2 SYNCS=2 loops=2")
        self.assertEqual((outcome.failures, outcome.instructions), ([], 2 + 5 + 3))

    def test_what_does_more_than_wait_is_no_detour(self):
        for more in ("@P2|EXIT", "@P2|BRA `(.L_x_9)", "BRX R2 -0x10"):
            away = [self.OUT_OF_THE_WAY[0], more, *self.OUT_OF_THE_WAY[1:]]
            with self.subTest(more):
                self.assertNotEqual(run_audit([".L_x_1:", *self.WAIT, *FMA, *BACK, *END, *away], "FFMA=2").failures, [])
        further = [*self.OUT_OF_THE_WAY[:-1], "BRA `(.L_x_7)"]
        lines = [".L_x_1:", *self.WAIT, FMA[0], ".L_x_7:", FMA[1], *BACK, *END, *further]
        self.assertNotEqual(run_audit(lines, "FFMA=2").failures, [])


class Claims(unittest.TestCase):
    def fails(self, lines, words, expected, **more):
        failures = run_audit(lines, words, **more).failures
        self.assertTrue(any(expected in failure for failure in failures), failures)

    def test_a_right_loop_passes(self):
        outcome = run_audit(GOOD, "FFMA=2 FFMA.sources=2 CS2R=0 overhead<0.7 loops=1")
        self.assertEqual((outcome.failures, outcome.verdict), ([], "audited"))
        self.assertEqual(outcome.counts, {"FFMA": 2, "CS2R": 0})
        self.assertAlmostEqual(outcome.overhead, 3 / 5)

    def test_one_more_and_one_less(self):
        self.fails(GOOD, "FFMA=1", "FFMA is 2, claimed 1")
        self.fails(GOOD, "FFMA=3", "FFMA is 2, claimed 3")

    def test_all_of_an_opcode_wherever_it_is(self):
        lines = [FMA[0], *GOOD]
        self.assertEqual(run_audit(lines, "FFMA=2 FFMA.anywhere=3").failures, [])
        self.fails(lines, "FFMA=2 FFMA.anywhere=2", "FFMA is 3 times anywhere, claimed 2")

    def test_overhead(self):
        self.fails(GOOD, "FFMA=2 overhead<0.6", "overhead is 0.6000")

    def test_distinct_registers(self):
        for sources in ("R2, R4, R5", "R2, R2, R2", "R2, R2, 0.5", "R2, R2, c[0x0][0x160]", "R2, R2, UR6"):
            with self.subTest(sources):
                self.fails([".L_x_1:", f"FFMA R2, {sources}", *BACK], "FFMA=1 FFMA.sources=2", "distinct registers")

    def test_distinct_registers_beside_others(self):
        for sources, count in (("R2, R4, 0x5", 2), ("R2, R2, UR6", 1), ("R2.reuse, -R4, RZ", 2), ("-R2, |R2|, !PT", 1)):
            with self.subTest(sources):
                lines = [".L_x_1:", f"IADD3 R2, {sources}", *BACK]
                self.assertEqual(run_audit(lines, f"IADD3=1 IADD3.registers={count}").failures, [])
                self.fails(lines, f"IADD3=1 IADD3.registers={count + 1}", "distinct registers")

    def test_loads_ahead_of_their_use(self):
        first, second = "LDG.E.128 R8, desc[UR4][R2.64]", "LDG.E.128 R12, desc[UR4][R2.64+0x1000]"
        use, other = "IADD3 R0, R11, R0, RZ", "IADD3 R0, R4, R7, RZ"
        words = "LDG.E.128=2 LDG.ahead=2"
        self.assertEqual(run_audit([first, other, second, use, *END], words, scope="kernel").failures, [])
        self.fails([first, use, second, *END], words, "1 LDG are under way", scope="kernel")
        again = "LDG.E.128 R8, desc[UR4][R2.64+0x1000]"
        self.fails([first, again, use, *END], words, "1 LDG are under way", scope="kernel")
        chained = "LDG.E.128 R12, desc[UR4][R10.64]"
        self.fails([first, chained, use, *END], words, "1 LDG are under way", scope="kernel")
        self.fails([first.replace("R8", "R7"), use.replace("R11", "R10"), second, *END], words, "1 LDG", scope="kernel")

    def test_what_belongs_to_the_opcode_is_no_source(self):
        lop3 = [".L_x_1:", "LOP3.LUT R2, R2, R4, R5, 0x1e, !PT", *BACK]
        self.assertEqual(run_audit(lop3, "LOP3=1 LOP3.sources=3").failures, [])
        shuffle = [".L_x_1:", "SHFL.IDX PT, R5, R5, R0, 0x1f", *BACK]
        self.assertEqual(run_audit(shuffle, "SHFL=1 SHFL.registers=2").failures, [])
        self.fails(shuffle, "SHFL=1 SHFL.sources=2", "distinct registers")

    def test_a_move_is_no_multiplication(self):
        lines = [".L_x_1:", "IMAD R2, R2, R4, R2", "IMAD.MOV.U32 R7, RZ, RZ, R2", "IMAD.IADD R3, R3, 0x1, R2", *BACK]
        self.assertEqual(run_audit(lines, "IMAD=1 IMAD.MOV=1 IMAD.IADD=1").failures, [])

    def test_other_instructions_are_bounded_without_being_lost_work(self):
        self.fails(GOOD, "FFMA=2 other<0.6", "other instructions are 0.6000")
        outcome = run_audit(GOOD, "FFMA=2 other<0.7")
        self.assertEqual((outcome.failures, outcome.overhead_claimed), ([], False))
        self.assertTrue(run_audit(GOOD, "FFMA=2 overhead<0.7").overhead_claimed)

    def test_the_width_of_a_kernel_in_its_opcode(self):
        words = "HGMMA.64x{n}x16.F32=1 HGMMA.registers=1 HGMMA=1"
        issue = ["HGMMA.64x128x16.F32 R24, gdesc[UR8], R24", "HGMMA.64x128x16.F32 R24, gdesc[UR12], R24, gsb0"]
        _, functions = sass_audit.parse_sass(sass(".L_x_1:", *issue, *COUNTER, *BACK, *END))
        for n, failures in ((128, []), (256, ["HGMMA.64x256x16.F32 is 0, claimed 2", "HGMMA is 0, claimed 2"])):
            outcome = sass_audit.Outcome("work", "sm_90a", "00")
            claim = sass_audit.parse_claim("step", words.split(), "here").at_width(n)
            sass_audit.audit(functions[NAME], claim, 2, outcome)
            self.assertEqual([f for f in outcome.failures if "innermost" not in f], failures)

    def test_the_operands_of_a_warpgroup_multiply(self):
        for operands, count in (
            ("R24, gdesc[UR8], R24, gsb0", 1),
            ("R24, R152, gdesc[UR4], R24", 2),
            ("R24, gdesc[UR8], R24, R44, 0x0", 2),
            ("R24, R40, gdesc[UR12], R24, R44, 0x0, gsb0", 3),
            ("R24, gdesc[UR4], RZ, !UPT", 0),
        ):
            issue = sass_audit.Instruction(0, "", "HGMMA.64x8x16.F32", sass_audit.split_operands(operands))
            self.assertEqual(issue.registers()[0], count, operands)

    def test_counts_per_step(self):
        self.assertEqual(run_audit(GOOD, "FFMA=1", scope="step", steps=2).failures, [])
        self.assertEqual(run_audit(GOOD, "FFMA=1/4", scope="step", steps=8).failures, [])
        self.assertEqual(run_audit(GOOD, "FFMA=1 IADD3=0+1", scope="step", steps=2).failures, [])
        self.assertEqual(run_audit(GOOD, "FFMA=1+1", scope="step", steps=1).failures, [])
        self.fails(GOOD, "FFMA=1", "FFMA is 2, claimed 3", scope="step", steps=3)
        self.fails(GOOD, "FFMA=1/4", "FFMA is 2, claimed 9/4", scope="step", steps=9)
        self.fails(GOOD, "FFMA=1 IADD3=1+1", "IADD3 is 1, claimed 3", scope="step", steps=2)

    def test_what_is_absent_is_a_trap_and_no_loop(self):
        def absent(*lines):
            _, functions = sass_audit.parse_sass(sass(*lines))
            outcome = sass_audit.Outcome("work", "sm_75", "00")
            sass_audit.audit_absent(functions[NAME], outcome)
            return outcome.verdict

        self.assertEqual(absent("MOV R1, R1", "BPT.TRAP 0x1", *END), "absent")
        self.assertEqual(absent("MOV R1, R1", *END), "failed")
        self.assertEqual(absent("BPT.TRAP 0x1", *GOOD), "failed")

    def test_work_under_a_predicate(self):
        self.fails([".L_x_1:", "@P1|FFMA R2, R2, R2, R5", FMA[0], *BACK], "FFMA=2", "1 FFMA are not executed")

    def test_work_that_is_jumped_over(self):
        lines = [".L_x_1:", FMA[0], "@P1|BRA `(.L_x_4)", FMA[1], ".L_x_4:", *COUNTER, *BACK]
        self.fails(lines, "FFMA=2", "1 FFMA are not executed")

    def test_work_behind_an_exit(self):
        self.fails([".L_x_1:", FMA[0], "@P1|BRA `(.L_x_9)", FMA[1], *BACK, *END], "FFMA=2", "1 FFMA are not executed")
        self.fails([".L_x_1:", FMA[0], "@P1|EXIT", FMA[1], *BACK], "FFMA=2", "1 FFMA are not executed")

    def test_what_never_runs_is_no_work_but_overhead(self):
        outcome = run_audit([".L_x_1:", *FMA, "@!PT|LDS RZ, [RZ]", *BACK], "FFMA=2 LDS=0")
        self.assertEqual(outcome.failures, [])
        self.assertAlmostEqual(outcome.overhead, 2 / 4)

    def test_local_memory_anywhere(self):
        self.fails(["STL [R1], R2", *GOOD], "FFMA=2", "1 accesses to local memory")
        self.fails(["LDL R2, [R1]", *GOOD], "FFMA=2", "1 accesses to local memory")

    def test_a_stack_frame(self):
        self.fails(GOOD, "FFMA=2", "stack frame of 8 bytes", stack=8)

    def test_a_whole_kernel(self):
        lines = ["LDG.E.128 R4, [R2.64]", "LDG.E R4, [R2.64]", *END]
        self.assertEqual(run_audit(lines, "LDG.E.128=1 LDG=2 loops=0", scope="kernel").failures, [])
        self.fails(lines, "LDG.E.128=2", "LDG.E.128 is 1", scope="kernel")
        self.fails(GOOD, "FFMA=2 loops=0", "1 loops, claimed 0", scope="kernel")

    def test_no_relaxed_counts(self):
        for words in ("FFMA<512", "FFMA", "FFMA=x", "overhead=0.1", "overhead<0.1", "loops=0", "FFMA=1.5", "FFMA=1/2"):
            with self.subTest(words), self.assertRaises(sass_audit.AuditError):
                sass_audit.parse_claim("loop", words.split(), "here")
        for words in ("FFMA=1/0", "FFMA=1/2/3", "FFMA=+1", "FFMA<1/2", "overhead=1/2"):
            with self.subTest(words), self.assertRaises(sass_audit.AuditError):
                sass_audit.parse_claim("step", words.split(), "here")
        with self.assertRaises(sass_audit.AuditError):
            sass_audit.parse_claim("absent", ["FFMA=0"], "here")
        with self.assertRaises(sass_audit.AuditError):
            sass_audit.parse_claim("unused", ["FFMA=0"], "here")

    def test_a_loop_of_one_step_has_counts_but_no_limits(self):
        claim = sass_audit.parse_claim("step", ["FFMA=2", "other<0.1", "overhead<0.1"], "here").without_limits()
        _, functions = sass_audit.parse_sass(sass(*GOOD))
        outcome = sass_audit.Outcome("work", "sm_90a", "00")
        sass_audit.audit(functions[NAME], claim, 1, outcome)
        self.assertEqual(outcome.failures, [])


class Kernels(unittest.TestCase):
    CHAIN = "_ZN9peakproof7kernels5chainINS0_{}ELi{}ELi{}EEEvNT_8ArgumentEiPNS3_4BitsEPNS0_10BlockTraceE"

    def test_a_function_by_its_name(self):
        kernel = sass_audit.kernel_of(NAME, ["other", "work"])
        self.assertEqual((kernel.name, kernel.claimed_as, kernel.steps, kernel.one_step), ("work", "work", 1, False))
        self.assertIsNone(sass_audit.kernel_of(NAME, ["wor", "ork"]))
        self.assertIsNotNone(sass_audit.kernel_of("work", ["work"]))
        for other in ("_ZN9peakproof7kernels8homeworkEf", "_Z14workv"):
            self.assertIsNone(sass_audit.kernel_of(other, ["work"]))

    def test_a_chain_by_its_operation(self):
        kernel = sass_audit.kernel_of(self.CHAIN.format("7Fp32Fma", 8, 64), ["Fp64Fma", "Fp32Fma"])
        self.assertEqual((kernel.name, kernel.claimed_as, kernel.steps), ("chain<Fp32Fma, 8, 64>", "Fp32Fma", 512))
        self.assertIsNone(sass_audit.kernel_of(self.CHAIN.format("7Fp32Fma", 8, 64), ["Fp32", "chain"]))
        self.assertTrue(sass_audit.kernel_of(self.CHAIN.format("5Sinus", 1, 1), ["Sinus"]).one_step)
        self.assertFalse(sass_audit.kernel_of(self.CHAIN.format("5Sinus", 1, 2), ["Sinus"]).one_step)

    def test_an_instance_of_a_template_by_its_arguments(self):
        prefix = "_ZN9peakproof7kernels"
        for symbol, names, expected in (
            ("3mixILi5EEEvPKv", ["mix<5>", "mix"], ("mix<5>", "mix<5>", "mix")),
            ("3mixILi15EEEvPKv", ["mix<5>", "mix"], ("mix<15>", "mix", "")),
            ("3mixILi15EEEvPKv", ["mix<5>"], None),
            ("4copyINS0_4WideELi4ELb1EEEvv", ["copy"], ("copy<Wide, 4, true>", "copy", "")),
            ("4copyINS0_4WideELi4ELb1EEEvv", ["copy<Wide,4,true>"], ("copy<Wide, 4, true>", "copy<Wide,4,true>", "")),
            ("4copyINS0_4WideELi4ELb0EEEvv", ["copy<Wide,4,true>"], None),
            ("4copyIfEEvv", ["copy<float>"], ("copy<float>", "copy<float>", "")),
            ("4copyIN9peakproof7kernels6PastL1ELi2EEEvv", ["copy"], ("copy<PastL1, 2>", "copy", "")),
            ("4copyI5EEELLEvv", ["copy"], ("copy<EEELL>", "copy", "")),
            ("4copyINS_3CPUE", ["copy"], None),
            ("4copyE7Pattern", ["copy"], ("copy", "copy", "")),
            ("4copyITnDaXadL_Z1fvEEEEvv", ["copy"], None),
        ):
            with self.subTest(symbol, names=names):
                kernel = sass_audit.kernel_of(prefix + symbol, names)
                found = kernel and (kernel.name, kernel.claimed_as, kernel.also_claimed_as)
                self.assertEqual(found, expected)

    def test_a_chain_of_wgmma_by_its_operation_and_width(self):
        mangled = "_ZN9peakproof7kernels11wgmma_chainINS0_15WgmmaFp16SharedELi256ELi8EEEvPK5uint4iPjPNS0_10BlockTraceE"
        kernel = sass_audit.kernel_of(mangled, ["WgmmaFp16Shared"])
        self.assertEqual((kernel.name, kernel.claimed_as), ("wgmma_chain<WgmmaFp16Shared, 256, 8>", "WgmmaFp16Shared"))
        self.assertEqual((kernel.steps, kernel.n, kernel.one_step), (8, 256, False))
        self.assertIsNone(sass_audit.kernel_of(mangled, ["WgmmaFp16", "wgmma_chain"]))


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source = self.folder / "work.cu"
        self.source.write_text("// Idea.\n//   sass  sm_80,sm_90a  loop  FFMA=2\n//   sass  sm_75  kernel  FFMA=3\n")

    def main(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = sass_audit.main([str(a) for a in arguments])
        return code, out.getvalue(), err.getvalue()

    def test_claims_by_architecture(self):
        claims = sass_audit.read_claims(self.source)
        self.assertEqual(list(claims), ["work"])
        by_arch = claims["work"]
        self.assertEqual(sorted(by_arch), ["sm_75", "sm_80", "sm_90a"])
        self.assertEqual((by_arch["sm_90a"].scope, by_arch["sm_75"].counts["FFMA"].of(1)), ("loop", 3))

    def test_claims_by_operation(self):
        self.source.write_text(
            "//   sass  sm_80  step One  FFMA=1\n//   sass  sm_75  absent One\n//   sass  sm_80  step Two  A=2\n"
        )
        claims = sass_audit.read_claims(self.source)
        self.assertEqual(
            {name: sorted(by_arch) for name, by_arch in claims.items()}, {"One": ["sm_75", "sm_80"], "Two": ["sm_80"]}
        )
        self.assertEqual(claims["One"]["sm_75"].scope, "absent")

    def test_claims_by_kernel(self):
        self.source.write_text(
            "//   sass  sm_80  loop one_kernel  FFMA=1\n//   sass  sm_75  absent one_kernel\n"
            "//   sass  sm_80  kernel two_kernel  A=2\n//   sass  sm_80  kernel  loops=0 B=3\n"
        )
        claims = sass_audit.read_claims(self.source)
        found = {(name, arch): claim.scope for name, by_arch in claims.items() for arch, claim in by_arch.items()}
        expected = {("one_kernel", "sm_80"): "loop", ("one_kernel", "sm_75"): "absent"}
        expected.update({("two_kernel", "sm_80"): "kernel", ("work", "sm_80"): "kernel"})
        self.assertEqual(found, expected)

    def test_a_claim_for_all_operations_that_begin_alike(self):
        self.source.write_text(
            "//   sass  sm_80  step WideOne  FFMA=1 B=3 other<0.1\n//   sass  sm_75  absent Wide*\n"
            "//   sass  sm_80  step Wide*  A=2 B=4 A.registers=1 other<0.5\n//   sass  sm_80  step Other  A=2\n"
            "//   sass  sm_80  step WideTwo  FFMA=2\n"
        )
        claims = sass_audit.read_claims(self.source)
        scopes = {name: {arch: claim.scope for arch, claim in by_arch.items()} for name, by_arch in claims.items()}
        wide = {"sm_75": "absent", "sm_80": "step"}
        self.assertEqual(scopes, {"WideOne": wide, "WideTwo": wide, "Other": {"sm_80": "step"}})
        one, two = claims["WideOne"]["sm_80"], claims["WideTwo"]["sm_80"]
        self.assertEqual({name: amount.of(1) for name, amount in one.counts.items()}, {"FFMA": 1, "B": 3, "A": 2})
        self.assertEqual((one.work, one.other, one.registers), ("FFMA", 0.1, {"A": 1}))
        self.assertEqual((two.work, two.other, two.counts["B"].of(1)), ("FFMA", 0.5, 4))

    def test_claims_of_a_template_and_of_one_instance(self):
        self.source.write_text(
            "//   sass  sm_80  kernel mix<5>       LDG=5 loops=0\n"
            "//   sass  sm_80  loop   read<4,Wide> LDG=4\n"
            "//   sass  sm_75  absent read<4,Wide>\n"
            "//   sass  sm_80  loop   read         LDG=1\n"
        )
        claims = sass_audit.read_claims(self.source)
        scopes = {name: {arch: claim.scope for arch, claim in by_arch.items()} for name, by_arch in claims.items()}
        self.assertEqual(
            scopes,
            {"mix<5>": {"sm_80": "kernel"}, "read<4,Wide>": {"sm_80": "loop", "sm_75": "absent"}, "read": {"sm_80": "loop"}},
        )

    def test_claims_for_all_that_cannot_be_meant(self):
        for text, says in (
            ("//   sass  sm_80  step One  FFMA=1\n//   sass  sm_75  absent Two*\n", r"no operation begins like Two\*"),
            ("//   sass  sm_80  step One  FFMA=1\n//   sass  sm_80  absent O*\n", "step and absent for sm_80"),
        ):
            self.source.write_text(text)
            with self.subTest(says), self.assertRaisesRegex(sass_audit.AuditError, says):
                sass_audit.read_claims(self.source)

    def test_a_claim_that_goes_on(self):
        self.source.write_text(
            "//   sass  sm_80  step One  FFMA=1\n//            IADD3=2 other<0.1\n//   limit    FFMA=3\n"
        )
        claim = sass_audit.read_claims(self.source)["One"]["sm_80"]
        self.assertEqual((list(claim.counts), claim.other), (["FFMA", "IADD3"], 0.1))

    def test_a_line_that_is_no_claim(self):
        for line in ("sass  sm_80  step  FFMA=1", "sass  sm_80  round  FFMA=1", "sass  sm_80", "sass  sm_80  absent"):
            self.source.write_text(f"//   {line}\n//   sass  sm_80  loop  FFMA=2\n")
            with self.subTest(line), self.assertRaises(sass_audit.AuditError):
                sass_audit.read_claims(self.source)

    def test_a_source_without_a_claim_or_with_two(self):
        self.source.write_text("// nothing\n")
        with self.assertRaises(sass_audit.AuditError):
            sass_audit.read_claims(self.source)
        self.source.write_text("//   sass  sm_80  loop  FFMA=2\n//   sass  sm_80  loop  FFMA=3\n")
        with self.assertRaises(sass_audit.AuditError):
            sass_audit.read_claims(self.source)

    def test_without_a_disassembler(self):
        table, report = self.folder / "audit/table.inc", self.folder / "audit/audit.json"
        common = ["--binary", self.source, "--tools", self.folder, "--table", table, "--json", report, self.source]
        code, out, err = self.main(*common)
        self.assertEqual((code, out), (3, ""))
        self.assertIn("pip install nvidia-cuda-nvdisasm", err)
        self.assertEqual(json.loads(report.read_text())["kernels"], [])
        self.assertTrue(all(line.startswith("//") for line in table.read_text().splitlines()))
        code, out, err = self.main("--advisory", *common)
        self.assertEqual(code, 0)
        self.assertIn("warning", err)

    def tools_that_say(self, text):
        """Stand-ins for the disassembler: nvdisasm prints `text`, cuobjdump the resources of NAME."""
        (self.folder / "sass.txt").write_text(text)
        script = '#!/bin/sh\n[ "$1" = --version ] && echo "release 13.0, V13.0.1" || cat "{}"\n'
        (self.folder / "nvdisasm").write_text(script.format(self.folder / "sass.txt"))
        usage = f" Function {NAME}:\n  REG:28 STACK:0 SHARED:0\n"
        (self.folder / "usage.txt").write_text(usage)
        (self.folder / "cuobjdump").write_text(script.format(self.folder / "usage.txt"))
        for tool in ("nvdisasm", "cuobjdump"):
            (self.folder / tool).chmod(0o755)
        cubin = self.folder / "work.cubin"
        cubin.write_bytes(b"cubin of " + NAME.encode())
        return ["--tools", self.folder, "--binary", cubin, self.source]

    def test_an_audited_binary(self):
        arguments = self.tools_that_say(sass(*GOOD))
        table, report = self.folder / "table.inc", self.folder / "audit.json"
        code, out, err = self.main("--table", table, "--json", report, *arguments)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("audited", out)
        row = json.loads(report.read_text())["kernels"][0]
        sha256 = hashlib.sha256(b"cubin of " + NAME.encode()).hexdigest()
        self.assertEqual(row["cubin_sha256"], sha256)
        self.assertEqual(
            (row["kernel"], row["arch"], row["verdict"], row["registers"]), ("work", "sm_90a", "audited", 28)
        )
        expected = f'{{"work", "sm_90a", "{sha256}", "audited", -1, "FFMA=2", "nvdisasm 13.0.1"}},'
        self.assertEqual(table.read_text().splitlines()[-1], expected)

    def test_outcomes_that_are_put_together(self):
        parts = [self.folder / "a.json", self.folder / "b.json"]
        tables = [self.folder / "a.inc", self.folder / "b.inc"]
        arguments = self.tools_that_say(sass(*GOOD))
        for part, table in zip(parts, tables):
            self.assertEqual(self.main("--json", part, "--table", table, *arguments)[0], 0)
        both, table = self.folder / "both.json", self.folder / "both.inc"
        self.assertEqual(self.main("--merge", "--json", both, "--table", table, *parts)[0], 0)
        kernels = [json.loads(part.read_text())["kernels"] for part in (*parts, both)]
        self.assertEqual(kernels[2], kernels[0] + kernels[1])
        rows = [[line for line in file.read_text().splitlines() if line[0] == "{"] for file in (*tables, table)]
        self.assertEqual(rows[2], rows[0] + rows[1])
        self.assertEqual(len(rows[2]), 2)
        self.assertTrue(json.loads(both.read_text())["disassembler"])

        failed = json.loads(parts[1].read_text())
        failed["kernels"][0]["failures"] = ["FFMA is 1, claimed 2"]
        failed["disassembler"] = None
        parts[1].write_text(json.dumps(failed))
        code, out, _ = self.main("--merge", "--json", both, *parts)
        self.assertEqual(code, 1)
        self.assertIn("FFMA is 1, claimed 2", out)
        self.assertIsNone(json.loads(both.read_text())["disassembler"])
        parts[0].write_text("{}")
        code, _, err = self.main("--merge", *parts)
        self.assertEqual(code, 2)
        self.assertIn("not the outcome of an audit", err)
        for wrong in ([parts[0]], ["--merge", "--binary", self.source, parts[0]]):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                sass_audit.main([str(word) for word in wrong])

    def test_a_mismatch_is_a_failure_and_at_build_time_a_warning(self):
        arguments = self.tools_that_say(sass(*GOOD).replace("sm_90a", "sm_75"))
        code, out, _ = self.main(*arguments)
        self.assertEqual(code, 1)
        self.assertIn("FFMA is 2, claimed 3", out)
        table = self.folder / "table.inc"
        code, _, err = self.main("--advisory", "--table", table, *arguments)
        self.assertEqual(code, 0)
        self.assertIn("warning: work sm_75: FFMA is 2, claimed 3", err)
        self.assertIn('"failed"', table.read_text())

    def test_an_architecture_without_a_claim(self):
        code, out, _ = self.main(*self.tools_that_say(sass(*GOOD).replace("sm_90a", "sm_86")))
        self.assertEqual(code, 1)
        self.assertIn("no claim for sm_86", out)

    def test_a_required_architecture_that_is_not_there(self):
        code, out, _ = self.main("--require", "sm_90a,sm_80", *self.tools_that_say(sass(*GOOD)))
        self.assertEqual(code, 1)
        self.assertIn("work sm_80: not in the binary", out)

    def test_a_kernel_that_is_not_there(self):
        code, out, _ = self.main(*self.tools_that_say(sass(*GOOD).replace("4work", "4play")))
        self.assertEqual(code, 1)
        self.assertIn("not in the binary", out)

    def test_no_such_binary(self):
        arguments = self.tools_that_say(sass(*GOOD))
        arguments[3] = self.folder / "missing.a"
        code, _, err = self.main(*arguments)
        self.assertEqual(code, 2)
        self.assertIn("no such file", err)


if __name__ == "__main__":
    unittest.main()
