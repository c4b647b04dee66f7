"""Silent data corruption: a wrong answer names the SM, how many words, and which bits."""

from peakproof import *


class Blame(EndToEnd):
    def wrong(self, *command, settings):
        done = self.measure(*command, stand_in=f"{SMALL},{settings}", code=REJECTED, verdict="incorrect")
        check = done.result["verification"]
        self.assertFalse(check["passed"])
        self.assertGreater(check["mismatches"], 0)
        return check

    def test_a_chain_names_the_sm(self):
        """On the stand-in, blocks lie on the SMs in turn; the flaw changes one bit in the middle of the output."""
        check = self.wrong("bench_fp32_fma", settings="sms=4,flaw=wrong")
        self.assertEqual(check["units"], 4, "every SM was looked at")
        self.assertEqual(check["mismatches"], 1)
        (unit,) = check["wrong_units"]
        self.assertIn(unit["unit"], range(4))
        self.assertEqual(unit["items"], 1)
        self.assertEqual(int(unit["bits"], 16), 1)
        item, got, expected = re.fullmatch(r"item (\d+): ([0-9a-f]{8}), expected ([0-9a-f]{8})", unit["example"]).groups()
        self.assertEqual(int(got, 16) ^ int(expected, 16), 1)
        self.assertLess(int(item), check["items"])

    def test_every_sm_is_blamed_where_every_one_is_wrong(self):
        check = self.wrong("bench_fp32_fma", settings="sms=3,flaw=shorter")
        self.assertEqual(check["mismatches"], check["items"])
        self.assertEqual(sorted(unit["unit"] for unit in check["wrong_units"]), [0, 1, 2])
        self.assertEqual(sum(unit["items"] for unit in check["wrong_units"]), check["items"])

    def test_memory_names_place_and_bits(self):
        check = self.wrong("bench_dram", "--benchmark_filter=pattern:copy", settings="flaw=wrong:stream_copy")
        (unit,) = check["wrong_units"]
        self.assertEqual(unit["unit"], -1, "no SM can be named")
        self.assertEqual(int(unit["bits"], 16), 1)
        self.assertRegex(unit["example"], r"^item \d+$")

    def test_a_product_names_row_and_column_and_counts_what_is_no_number(self):
        command = ("bench_wmma_gemm", *GEMM, PRODUCT)
        check = self.wrong(*command, settings="flaw=wrong:wmma_gemm_fp16")
        self.assertRegex(check["wrong_units"][0]["example"], r"row \d+, column \d+ of C")
        self.assertEqual(check["not_numbers"], 0)
        check = self.wrong(*command, settings="flaw=nan:wmma_gemm_fp16")
        self.assertGreater(check["not_numbers"], 0)

    def test_people_read_it(self):
        done = run("bench_fp32_fma", "--quick", stand_in=f"{SMALL},sms=4,flaw=wrong")
        self.assertRegex(done.out, r"SM \d")
        self.assertIn("0x00000001", done.out)


if __name__ == "__main__":
    main()
