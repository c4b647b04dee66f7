"""The HTML page as the record of a run: its data comes out again, by PeakProof and by anybody's own tools."""

import base64
import gzip
import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

from peakproof import *

DATA = re.compile(r'<script type="application/(json|gzip)" id="peakproof-report" data-sha256="([0-9a-f]{64})">'
                  r'(.*)</script>')


def data_of(page):
    """The JSON's text in a page, as the page says how to get it, and whether it was packed."""
    ((kind, digest, data),) = DATA.findall(page)
    text = gzip.decompress(base64.b64decode(data)).decode() if kind == "gzip" else data
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    return text, kind == "gzip"


class Pages(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)
        cls.pages = Path(cls.shared.name)
        subprocess.run([BUILD / "tests" / "html_pages", cls.pages], check=True, timeout=120)

    def test_the_data_is_strict_json_and_its_hash_stands_in_the_page(self):
        for name, packed in (("accepted", False), ("rejected", False), ("node", True), ("example", False)):
            page = (self.pages / f"{name}.html").read_text()
            text, was_packed = data_of(page)
            self.assertEqual(was_packed, packed, name)
            report = parse(text)["peakproof"]
            self.assertIn(report["verdict"], page)
            self.assertLessEqual(len(page.encode()), 500_000, name)

    def test_report_reads_a_page(self):
        for name, code in (("rejected", REJECTED), ("example_node", REJECTED)):
            done = run("peakproof", "report", self.pages / f"{name}.html", "--json")
            self.assertEqual(done.code, code, done.err)
            page_data = parse(data_of((self.pages / f"{name}.html").read_text())[0])
            self.assertEqual(parse(done.out)["peakproof"], page_data["peakproof"])

    def test_a_changed_page_is_refused(self):
        page = (self.pages / "rejected.html").read_text()
        at = page.index('"verdict":"below"')
        (self.folder / "changed.html").write_text(page[:at] + '"verdict":"pass" ' + page[at + 17:])
        self.refuse("peakproof", "report", self.folder / "changed.html", "--json", stand_in=None, says=["changed"])
        (self.folder / "empty.html").write_text("<!DOCTYPE html><p>nothing</p>")
        self.refuse("peakproof", "report", self.folder / "empty.html", "--json", stand_in=None,
                    says=["holds no report"])


if __name__ == "__main__":
    main()
