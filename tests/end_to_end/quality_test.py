"""`peakproof quality`: the values of hand-made files in every format, and what is refused, with its place."""

import csv
import io
import json

from peakproof import NOT_WRITTEN, EndToEnd, main, parse, run

CLASSIFY = "truth,predicted,score\n1,1,0.9\n0,1,0.6\n1,0,0.4\n0,0,0.2\n"
REGRESS = "truth,predicted\n1,2\n2,2\n3,1\n"
DETECT = ("kind,image,category,x,y,width,height,score\n"
          "truth,1,cat,0,0,10,10,\ntruth,1,cat,20,0,10,10,\n"
          "detection,1,cat,0,0,10,10,0.9\ndetection,1,cat,50,50,10,10,0.8\ndetection,1,dog,0,0,10,10,0.7\n")
BOX = {"image": 1, "category": "cat", "bbox": [0, 0, 10, 10]}


class Quality(EndToEnd):
    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else
                         (content if isinstance(content, str) else json.dumps(content)).encode())
        return path

    def values(self, task, name, content, *options):
        done = run("peakproof", "quality", "--task", task, self.file(name, content), "--json", *options)
        self.assertEqual((done.code, done.err), (0, ""))
        return {f"{figure['name']} {figure['scope']}".strip(): figure["value"] if figure["undefined"] is None
                else figure["undefined"] for figure in parse(done.out)["figures"]}

    def refused(self, task, name, content, *says, options=()):
        path = self.file(name, content)
        self.refuse("peakproof", "quality", "--task", task, path, *options, stand_in=None, says=(name, *says))


class Values(Quality):
    def test_classify(self):
        values = self.values("classify", "a.csv", CLASSIFY)
        for figure in ("accuracy", "precision binary 1", "recall binary 1", "f1 macro", "f1 micro", "f1 class 0"):
            self.assertEqual(values[figure], 0.5)
        self.assertEqual(values["roc_auc binary 1"], 0.75)  # of four pairs, (0.4, 0.6) is the wrong way round
        self.assertEqual(self.values("classify", "a.csv", CLASSIFY, "--positive", "0")["roc_auc binary 0"], 0.25)
        self.assertEqual(self.values("classify", "a.json", {"truth": [1, 0, 1, 0], "score": [0.9, 0.6, 0.4, 0.2]}),
                         {"roc_auc binary 1": 0.75, "log_loss binary 1": values["log_loss binary 1"]})
        self.assertNotIn("f1 macro", self.values("classify", "a.csv", CLASSIFY, "--average", "binary,micro"))

    def test_the_same_label_written_differently(self):
        self.assertEqual(self.values("classify", "a.csv", "truth,predicted\n1,1.0\n0,0\n")["accuracy"], 1)
        self.assertEqual(self.values("classify", "a.csv", "truth,predicted\na,a\nb,A\n")["accuracy"], 0.5)

    def test_csv_as_rfc_4180_has_it(self):
        text = "\ufeff\"truth\",predicted,remark\r\n\"a,\"\"b\"\"\",\"a,\"\"b\"\"\",\"two\nlines\"\r\nc,c,\r\n\r\n".encode()
        done = run("peakproof", "quality", "--task", "classify", self.file("a.csv", text), "--json")
        report = parse(done.out)
        self.assertEqual(report["labels"], ['a,"b"', "c"])
        self.assertEqual(report["figures"][0], {"name": "accuracy", "scope": "", "value": 1, "undefined": None})
        self.assertEqual(report["notes"], ["columns that were not used: remark"])

    def test_regress(self):
        values = self.values("regress", "a.csv", REGRESS)
        self.assertEqual(values, {"mse": 5 / 3, "rmse": (5 / 3) ** 0.5, "mae": 1.0})
        self.assertEqual(values, self.values("regress", "a.json", {"truth": [1, 2, 3], "predicted": [2, 2, 1]}))

    def test_detect(self):
        values = self.values("detect", "a.csv", DETECT, "--iou", "0.5")
        self.assertAlmostEqual(values["map"], 51 / 101, 12)  # one of two found: recalls 0 to 0.50 at precision 1
        self.assertEqual(values["ap category dog"], "no truth of this category")

    def test_undefined_is_said(self):
        values = self.values("classify", "a.csv", "truth,predicted,score\n0,0,0.5\n0,0,7\n")
        self.assertEqual(values["roc_auc binary 1"], "no positives among the labels")
        self.assertEqual(values["recall binary 1"], "no positives among the labels")
        self.assertEqual(values["precision binary 1"], "no positives among the predicted labels")
        self.assertEqual(values["log_loss binary 1"], "scores are no probabilities: item 2 has 7")
        values = self.values("classify", "a.csv", "truth,predicted\ncat,dog\ncat,cat\n")
        self.assertEqual(values["recall macro"], "class dog has none: no positives among the labels")
        self.assertEqual(self.values("regress", "a.csv", "truth,predicted\n1e200,-1e200\n")["mse"],
                         "larger than a double holds")

    def test_formats(self):
        path = self.file("a.csv", "truth,predicted\ncat|1,dog\ncat|1,cat|1\n")
        text = run("peakproof", "quality", "--task", "classify", path)
        self.assertEqual((text.code, text.err), (0, ""))
        self.assert_plain(text.out)
        self.assertLessEqual(max(map(len, text.out.splitlines())), 120)
        self.assertRegex(text.out, r"(?m)^  accuracy +0\.5$")
        self.assertRegex(text.out, r"recall macro  undefined: class dog has none: no positives among the labels")
        table = run("peakproof", "quality", "--task", "classify", path, "--md").out
        self.assertIn("| recall | macro | undefined: class dog has none", table)
        self.assertIn("cat\\|1", table)
        out = self.folder / "out.csv"
        run("peakproof", "quality", "--task", "classify", path, f"--csv={out}", "--md")
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
        report = parse(run("peakproof", "quality", "--task", "classify", path, "--json").out)
        self.assertEqual([(r["name"], r["scope"], float(r["value"]) if r["value"] else None, r["undefined"]) for r in rows],
                         [(f["name"], f["scope"], f["value"], f["undefined"] or "") for f in report["figures"]])

    def test_what_a_file_says_reaches_no_terminal(self):
        text = run("peakproof", "quality", "--task", "classify",
                   self.file("a.csv", "truth,predicted\n\x1b[31mred,x\n" + "y" * 500 + ",x\n"))
        self.assertEqual(text.code, 0)
        self.assert_plain(text.out)
        self.assertLessEqual(max(map(len, text.out.splitlines())), 120)


class Refused(Quality):
    def test_tables(self):
        for content, *says in (
                ("", "it is empty"), ("\n\n", "it is empty"), ("truth,predicted\n", "no rows"),
                ("truth,predicted\n1,1\n1\n", "line 3", "1 fields", "2 columns"),
                ("truth,predicted\n1,1\n\n1,1\n", "line 3"), ("truth,predicted\n1,1,\n", "line 2", "3 fields"),
                ("truth\n1\n", "predicted, score, or p0"), ("predicted\n1\n", "no column is named truth"),
                ("truth,truth\n1,1\n", "two columns are named truth"), ("truth,\n1,1\n", "column 2 has no name"),
                ("truth,predicted\n1,\n", "line 2, column predicted", "it is empty"),
                ("truth,score\n1,0.5\n0,x\n", "line 3, column score: 'x' is no number"),
                ("truth,score\n1,0.5\n0,nan\n", "line 3, column score: nan is not finite"),
                ("truth,score\n1,inf\n", "line 2, column score: inf is not finite"),
                ("truth,score\n1,1e999\n", "line 2, column score: '1e999' is no number"),
                ('truth,predicted\n"a,b\n', "line 2", "never closed"), ('truth,predicted\na"b,c\n', "line 2", "quote"),
                ('truth,predicted\n"a"b,c\n', "line 2", "after a field in quotes"),
                ("truth,p0,p1\n0,0.5,1.5\n", "line 2, column p1: 1.5 is no probability"),
                ("truth,p0,p1\n2,0.5,0.5\n", "2 columns of probabilities", "0 to 1"),
                ("truth,score\na,1\nb,2\nc,3\n", "a positive class", "a, b, c"),
                ("truth,score\na,1\na,2\n", "a positive class")):
            with self.subTest(content):
                self.refused("classify", "a.csv", content, *says)
        self.refused("regress", "a.csv", "truth,predicted\n1,2\n1,cat\n", "line 3, column predicted: 'cat' is no number")

    def test_json(self):
        for content, *says in (
                ("", "it is empty"), ("{", "it is no JSON"), ("[1]", "it is no object"), ({}, 'it has no "truth"'),
                ({"truth": []}, "truth: it is empty"), ({"truth": 3}, "truth: it is no array"),
                ({"truth": [1, 0], "predicted": [1]}, "predicted: 1 entries, but truth has 2"),
                ({"truth": [1, 0], "score": [1, "a"]}, "score[1]: it is no number"),
                ('{"truth": [1, 0], "score": [1, NaN]}', "it is no JSON"),
                ('{"truth": [1, 0], "score": [1, 1e999]}', "it is no JSON"),
                ({"truth": [1, [0]], "score": [1, 1]}, "truth[1]: it is neither a text nor a whole number"),
                ({"truth": [1, 0], "probabilities": [[0.5, 0.5], [1]]}, "probabilities[1]: 1 classes"),
                ({"truth": [1, 0], "probabilities": [[0.5, 0.5], [1, -1]]}, "probabilities[1][1]: -1 is no probability"),
                ({"truth": [1]}, "nothing was predicted")):
            with self.subTest(content):
                self.refused("classify", "a.json", content, *says)

    def test_boxes(self):
        def with_box(**more):
            return {"truth": [BOX, BOX | more], "detections": []}

        for content, *says in (
                (with_box(bbox=[1, 2, 3]), "truth[1].bbox: it has 3 numbers, not 4"),
                (with_box(bbox=5), "truth[1].bbox: it is no array"),
                (with_box(bbox=[1, 2, "3", 4]), "truth[1].bbox[2]: it is no number"),
                (with_box(bbox=[0, 0, -1, 4]), "truth[1].bbox: a box of -1 x 4 has a negative side"),
                (with_box(bbox=[0, 0, 1e6, 1e5]), "truth[1].bbox", "larger than 1e10"),
                (with_box(image=1.5), "truth[1].image: it is neither"), (with_box(iscrowd=2), "truth[1].iscrowd"),
                ({"truth": [BOX]}, 'it has no "detections"'), ({"truth": [], "detections": []}, "no truth and no detection"),
                ({"truth": [BOX], "detections": [BOX]}, 'detections[0]: it has no "score"'),
                ([], "--truth")):
            with self.subTest(content):
                self.refused("detect", "a.json", content, *says)
        for line, *says in (
                ("truth,1,a,0,0,1,1,0.5", "line 2, column score: a truth has no score"),
                ("detection,1,a,0,0,1,1,", "line 2, column score: '' is no number"),
                ("object,1,a,0,0,1,1,", "line 2, column kind"), ("truth,1,a,0,0,1,-1,", "line 2: a box of 1 x -1"),
                ("truth,,a,0,0,1,1,", "line 2, column image: it is empty")):
            with self.subTest(line):
                self.refused("detect", "a.csv", f"kind,image,category,x,y,width,height,score\n{line}\n", *says)

    def test_coco_pair(self):
        good = {"images": [{"id": 1}], "categories": [{"id": 7}],
                "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [0, 0, 4, 4], "iscrowd": 0}]}
        found = {"image_id": 1, "category_id": 7, "bbox": [0, 0, 4, 4], "score": 1}
        truth = self.folder / "truth.json"
        for annotations, results, *says in (
                ({}, [], 'annotations: it has no "annotations"'), ([], [], "annotations: it is no object"),
                (good, {}, "results: it is no array"), ("x", [], "annotations: it is no JSON"),
                (good, [found, found | {"image_id": 2}], "results[1].image_id: 2 is not among"),
                (good, [found | {"category_id": 8}], "results[0].category_id: 8 is not among"),
                (good | {"images": [{"id": 1}, {"id": 1}]}, [], "images[1].id: 1 is there twice"),
                (good | {"categories": []}, [], "annotations[0].category_id: 7 is not among")):
            with self.subTest(says):
                truth.write_text(annotations if isinstance(annotations, str) else json.dumps(annotations))
                self.refused("detect", "found.json", results, *says, options=("--truth", truth))
        truth.write_text(json.dumps(good))
        self.assertAlmostEqual(self.values("detect", "found.json", [found], "--truth", truth)["map"], 1, 12)

    def test_options(self):
        path = self.file("a.csv", CLASSIFY)
        plain = self.file("a.txt", CLASSIFY)
        out = run("peakproof", "quality", "--task", "classify", plain, "--format", "csv")
        self.assertEqual(out.code, 0)
        for options, says in (
                (("--task", "rank", path), "rank"), ((path,), "--task"), (("--task", "classify"), "file"),
                (("--task", "classify", plain), "--format"), (("--task", "classify", self.folder, "--format", "csv"), "is a folder"),
                (("--task", "classify", self.folder / "none.csv"), "cannot be read"),
                (("--task", "classify", path, "--average", "weighted"), "weighted"),
                (("--task", "classify", path, "--average", "macro,"), "''"),
                (("--task", "classify", path, "--positive", "2"), "none of the labels 0, 1"),
                (("--task", "regress", path, "--average", "macro"), "--average goes with --task classify"),
                (("--task", "regress", path, "--positive", "1"), "--positive goes with"),
                (("--task", "classify", path, "--iou", "0.5"), "--iou goes with"),
                (("--task", "classify", path, "--truth", path), "--truth goes with"),
                (("--task", "detect", path, "--iou", "0.5,2"), "'2' is no threshold"),
                (("--task", "detect", path, "--iou", "0"), "'0' is no threshold"),
                (("--task", "detect", path, "--iou", "nan"), "'nan' is no threshold"),
                (("--task", "classify", path, "--json", "--md"), "stdout"),
                (("--task", "classify", path, "--json="), "--json")):
            with self.subTest(options):
                self.refuse("peakproof", "quality", *options, stand_in=None, says=says)
        self.refuse("peakproof", "quality", "--task", "classify", path, f"--json={self.folder}/none/x.json",
                    stand_in=None, code=NOT_WRITTEN)


if __name__ == "__main__":
    main()
