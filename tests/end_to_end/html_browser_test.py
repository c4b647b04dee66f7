"""The HTML page in a real browser, as a lab engineer opens it: from a file, without a network, and on paper.

Skipped (77) where there is no Chromium.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from html_page_test import data_of
from peakproof import *

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr")


def find_browser():
    """A browser that starts: Ubuntu's chromium-browser may be a script that only asks for a snap."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path is None:
            continue
        try:
            if subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0:
                return path
        except subprocess.TimeoutExpired:
            pass
    return None


class Tables(HTMLParser):
    """The rows of every table as texts, by the table's class."""

    def __init__(self, text):
        super().__init__()
        self.rows = {}
        self.table, self.row, self.cell = None, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self.table = self.rows.setdefault(attributes.get("class", ""), [])
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th") and self.row is not None:
            self.cell = [attributes["title"]] if "title" in attributes else []
            self.named = "title" in attributes

    def handle_data(self, data):
        if self.cell is not None and not self.named:
            self.cell.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None:
            self.row.append("".join(self.cell).strip())
            self.cell = None
        elif tag == "tr" and self.table is not None and self.row is not None:
            self.table.append(self.row)
            self.row = None


def row_name(result):
    return "/".join([result["name"], *(f"{key}:{value}" for key, value in sorted(result["params"].items()))])


def percent(fraction):
    return "-" if fraction is None else f"{100 * fraction:.1f}"


class Browser(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)
        cls.pages = Path(cls.shared.name)
        subprocess.run([BUILD / "tests" / "html_pages", cls.pages], check=True, timeout=120)

    def browse(self, page, *arguments):
        """Opens the page; gives stdout and what its console said."""
        done = subprocess.run([BROWSER, *FLAGS, f"--user-data-dir={self.folder}/profile", *arguments, page.as_uri()],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    def opened(self, name):
        dom, console = self.browse(self.pages / f"{name}.html", "--dump-dom")
        self.assertEqual(console, [], name)
        return dom

    def printed(self, name, *arguments):
        """How many sheets of paper the page is."""
        paper = self.folder / f"{name}.pdf"
        self.browse(self.pages / f"{name}.html", f"--print-to-pdf={paper}", *arguments)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", paper.read_bytes()))

    def test_the_console_tells_of_a_page_that_wants_something(self):
        page = (self.pages / "accepted.html").read_text()
        (self.folder / "greedy.html").write_text(page.replace("<h1>", '<img src="http://example.org/a.png"><h1>', 1))
        _, console = self.browse(self.folder / "greedy.html", "--dump-dom")
        self.assertNotEqual(console, [], "or this test would see nothing")

    def test_a_device_is_told_with_the_figures_of_its_data(self):
        dom = self.opened("rejected")
        report = parse(data_of(dom)[0])["peakproof"]
        for text in ("✗ rejected", "verdict: rejected (exit 1)", "Checks", "What to do", "Efficiency", "Roofline",
                     "Clock, power and temperature", "Health", "Not measured", "Xid 63", "sw_power_cap", "4179 packets",
                     report["device"]["facts"]["uuid"], report["device"]["facts"]["serial"], report["run_id"],
                     report["acceptance"]["policy_sha256"]):
            self.assertIn(text, dom)
        tables = Tables(dom).rows
        results = {row[0]: row for row in tables["results"] if len(row) == 8}
        bars = {row[0]: row for row in tables["bars"]}
        compared = 0
        for result in report["results"]:
            row = results[row_name(result)]
            shares = [percent(result["efficiency"][key]) for key in ("issue", "spec")]
            self.assertEqual(row[3:5], shares, row)
            self.assertEqual(row[7], result["verdict"])
            if result["efficiency"]["spec"] is not None:
                self.assertEqual(bars[row_name(result)][2:4], shares[::-1])
                compared += 1
        self.assertGreater(compared, 30)
        width = re.search(r'class="track"><i class="b" style="width:([\d.]+)%', dom)
        self.assertAlmostEqual(float(width[1]), 100 * report["results"][0]["efficiency"]["spec"], places=2)

    def test_a_node_shows_its_members_side_by_side(self):
        dom = self.opened("node")
        members = parse(data_of(dom)[0])["peakproof"]["members"]
        rows = {row[0]: row for row in Tables(dom).rows["matrix"]}
        row = rows["dram/bytes:8589934592/pattern:read"]
        for cell, member in zip(row[2:], members, strict=True):
            (result,) = [r for r in member["results"] if row_name(r) == row[0]]
            self.assertEqual(re.search(r"[\d.]+", cell)[0], percent(result["efficiency"]["issue"]))
        self.assertIn("✗", row[5])

    def test_a_run_that_was_not_an_acceptance_has_no_certificate(self):
        dom = self.opened("plain")
        self.assertIn("Results", dom)
        self.assertNotIn('class="banner', dom)

    def test_paper_is_one_sheet(self):
        for name in ("rejected", "node", "crowded", "crowded_node"):
            self.assertEqual(self.printed(name), 1, name)

    def test_the_whole_page_can_be_printed(self):
        page = (self.pages / "rejected.html").read_text()
        (self.pages / "whole.html").write_text(page.replace('id="whole">', 'id="whole" checked>'))
        self.assertGreater(self.printed("whole"), 3)

    def test_dark_and_narrow_screens_show_it_too(self):
        sizes = {}
        for name, arguments in {"light": ("--window-size=1200,900",), "narrow": ("--window-size=500,900",),
                                "dark": ("--window-size=1200,900", "--blink-settings=preferredColorScheme=0")}.items():
            picture = self.folder / f"{name}.png"
            _, console = self.browse(self.pages / "rejected.html", *arguments, f"--screenshot={picture}")
            self.assertEqual(console, [])
            sizes[name] = picture.read_bytes()
            self.assertGreater(len(sizes[name]), 20_000, "an empty page is smaller")
        self.assertNotEqual(sizes["light"], sizes["dark"])


if __name__ == "__main__":
    BROWSER = find_browser()
    if BROWSER is None:
        print(f"skipped: none of {', '.join(BROWSERS)} is here (Debian: apt-get install chromium)", file=sys.stderr)
        sys.exit(SKIPPED)
    main()
