"""`peakproof quality` against scikit-learn and the COCO evaluator on random inputs: ties, missing classes, crowds,
images without truth, more than 100 detections. Equal within 1e-12; what they warn about is undefined here."""

import contextlib
import io
import json
import os
import random
import sys
import unittest
import warnings

from peakproof import EndToEnd, main, run

try:
    import numpy as np
    import sklearn.metrics as reference
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError as error:
    print(f"{error}: install it with python3 -m pip install -r scripts/python-test.txt", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") else 77)

TOLERANCE = 1e-12
CASES = 25


class Reference(EndToEnd):
    def setUp(self):
        super().setUp()
        self.compared = 0

    def quality(self, task, data, *options):
        """(figures by (name, scope), the whole report) of `data`, a text (CSV) or what becomes JSON."""
        text = isinstance(data, str)
        path = self.folder / ("input.csv" if text else "input.json")
        path.write_text(data if text else json.dumps(data))
        done = run("peakproof", "quality", "--task", task, path, "--json", *options)
        self.assertEqual(done.code, 0, done.err)
        report = json.loads(done.out)
        figures = {(figure["name"], figure["scope"]): figure for figure in report["figures"]}
        self.assertEqual(len(figures), len(report["figures"]))
        return figures, report

    def assert_figure(self, figure, expected, where):
        """`expected`: NaN where it is undefined."""
        self.compared += 1
        if np.isnan(expected):
            self.assertIsNone(figure["value"], where)
            self.assertTrue(figure["undefined"], where)
        else:
            self.assertIsNone(figure["undefined"], where)
            self.assertLessEqual(abs(figure["value"] - expected), TOLERANCE * max(1, abs(expected)), where)


class Classification(Reference):
    def test_labels(self):
        for seed in range(CASES):
            rng = random.Random(seed)
            # Some classes are never true, others never predicted.
            names = rng.choice([["0", "1"], ["no", "yes"], ["a", "b", "c"], [str(i) for i in range(12)]])
            truth = rng.choices(names[rng.randrange(len(names)):] or names, k=rng.randint(1, 40))
            predicted = rng.choices(names[:rng.randint(1, len(names))], k=len(truth))
            rows = "truth,predicted\n" + "".join(f"{t},{p}\n" for t, p in zip(truth, predicted))
            present = sorted(set(truth) | set(predicted), key=lambda x: (len(x), x))
            binary = len(names) == 2
            positive = rng.choice(present)
            figures, report = self.quality("classify", rows, "--positive", positive)
            self.assertEqual(report["labels"], present)
            self.assert_figure(figures["accuracy", ""], reference.accuracy_score(truth, predicted), seed)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                plain = reference.precision_recall_fscore_support(truth, predicted, average="macro")
                each = reference.precision_recall_fscore_support(truth, predicted, labels=present, zero_division=np.nan)
                micro = reference.precision_recall_fscore_support(truth, predicted, average="micro")
                if binary:
                    of = reference.precision_recall_fscore_support(truth, predicted, average="binary",
                                                                   pos_label=positive, zero_division=np.nan)
            for i, name in enumerate(("precision", "recall", "f1")):
                for label, value in zip(present, each[i]):
                    self.assert_figure(figures[name, f"class {label}"], value, (seed, name, label))
                self.assert_figure(figures[name, "macro"], np.mean(each[i]), (seed, name, "macro"))
                if not np.isnan(each[i]).any():
                    self.assert_figure(figures[name, "macro"], plain[i], (seed, name, "macro"))
                self.assert_figure(figures[name, "micro"], micro[i], (seed, name, "micro"))
                if binary:
                    self.assert_figure(figures[name, f"binary {positive}"], of[i], (seed, name, "binary"))
        self.assertGreater(self.compared, CASES * 10)

    def test_scores(self):
        for seed in range(CASES):
            rng = random.Random(seed)
            # Few different scores give many ties; 0 and 1 are clipped by the log loss.
            levels = rng.choice([[0, 0.5, 1], [i / 7 for i in range(8)], None])
            n = rng.randint(1, 60)
            truth = rng.choices([0, 1], weights=rng.choice([(1, 1), (9, 1), (0, 1), (1, 0)]), k=n)
            scores = [rng.choice(levels) if levels else rng.random() for _ in truth]
            figures, report = self.quality("classify", {"truth": truth, "score": scores}, "--positive", "1")
            loss = reference.log_loss(truth, np.array(scores, dtype=float), labels=[0, 1])
            self.assert_figure(figures["log_loss", "binary 1"], loss, seed)
            if len(set(truth)) < 2:
                self.assert_figure(figures["roc_auc", "binary 1"], np.nan, seed)
                self.assertEqual(report["roc"], [])
                continue
            self.assert_figure(figures["roc_auc", "binary 1"], reference.roc_auc_score(truth, scores), seed)
            false, true, thresholds = reference.roc_curve(truth, scores, drop_intermediate=False)
            points = report["roc"]
            self.assertEqual(len(points), len(thresholds))
            self.assertIsNone(points[0]["threshold"])
            self.assertEqual([point["threshold"] for point in points[1:]], list(thresholds[1:]))
            np.testing.assert_allclose([p["false_positive_rate"] for p in points], false, rtol=0, atol=TOLERANCE)
            np.testing.assert_allclose([p["true_positive_rate"] for p in points], true, rtol=0, atol=TOLERANCE)

    def test_probabilities(self):
        for seed in range(CASES):
            rng = np.random.default_rng(seed)
            classes, n = int(rng.integers(2, 7)), int(rng.integers(1, 50))
            truth = rng.integers(0, classes, n)
            rows = rng.dirichlet([rng.choice([0.05, 1.0])] * classes, n)  # some of them 0 and 1 within double
            lines = ["truth," + ",".join(f"p{i}" for i in range(classes))]
            lines += [f"{t}," + ",".join(map(repr, row.tolist())) for t, row in zip(truth, rows)]
            figures, report = self.quality("classify", "\r\n".join(lines))
            self.assertEqual(report["labels"], [str(i) for i in range(classes)])
            loss = reference.log_loss(truth, rows, labels=list(range(classes)))
            self.assert_figure(figures["cross_entropy", ""], loss, seed)
            self.assert_figure(figures["accuracy", ""], reference.accuracy_score(truth, rows.argmax(axis=1)), seed)
            if classes == 2 and len(set(truth)) == 2:
                self.assert_figure(figures["roc_auc", "binary 1"], reference.roc_auc_score(truth, rows[:, 1]), seed)


class Regression(Reference):
    def test_errors(self):
        for seed in range(CASES):
            rng = np.random.default_rng(seed)
            n, size = int(rng.integers(1, 200)), 10.0 ** int(rng.integers(-6, 7))
            truth, predicted = rng.normal(size=n) * size, rng.normal(size=n) * size
            figures, _ = self.quality("regress", {"truth": truth.tolist(), "predicted": predicted.tolist()})
            for name, function in (("mse", reference.mean_squared_error), ("rmse", reference.root_mean_squared_error),
                                   ("mae", reference.mean_absolute_error)):
                expected = function(truth, predicted)
                value = figures[name, ""]["value"]
                self.assertLessEqual(abs(value - expected), TOLERANCE * expected, (seed, name))


def random_boxes(rng):
    """COCO's annotations and results. Boxes on a coarse grid, so that overlaps are equal and lie on thresholds."""
    def box():
        grid = rng.choice([1, 10])
        return [grid * rng.randint(0, 6) for _ in range(2)] + [grid * rng.randint(0 if rng.random() < 0.05 else 1, 6)
                                                              for _ in range(2)]

    images, categories = rng.sample(range(1, 2000), rng.randint(1, 6)), rng.sample(range(1, 90), rng.randint(1, 4))
    truths, found = [], []
    for _ in range(rng.randint(0, 30)):
        b = box()
        truths.append({"id": len(truths) + 1, "image_id": rng.choice(images), "category_id": rng.choice(categories),
                       "bbox": b, "area": b[2] * b[3], "iscrowd": int(rng.random() < 0.15)})
    levels = rng.choice([3, 10, 1000])
    for _ in range(rng.choice([0, 20, 60, 300])):
        near = rng.choice(truths) if truths and rng.random() < 0.6 else None
        b = [x + rng.choice([0, 0, 0, 0.5, -0.5, 1]) for x in near["bbox"]] if near else box()
        found.append({"image_id": near["image_id"] if near else rng.choice(images),
                      "category_id": near["category_id"] if near and rng.random() < 0.9 else rng.choice(categories),
                      "bbox": [b[0], b[1], max(b[2], 0), max(b[3], 0)], "score": rng.randint(0, levels) / levels})
    annotations = {"images": [{"id": i} for i in images], "annotations": truths,
                   "categories": [{"id": c, "name": f"kind {c}"} for c in categories]}
    return annotations, found


def coco(annotations, found, thresholds=None):
    """AP of each category, then each threshold, NaN where it is undefined; the mean over all that are defined."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = json.loads(json.dumps(annotations))
        truth.createIndex()
        evaluator = COCOeval(truth, truth.loadRes(json.loads(json.dumps(found))), "bbox")
        if thresholds is not None:
            evaluator.params.iouThrs = np.array(thresholds)
        evaluator.evaluate()
        evaluator.accumulate()
    precision = evaluator.eval["precision"][:, :, :, 0, 2]  # area all, 100 detections
    each = np.where((precision > -1).all(axis=1), precision.mean(axis=1), np.nan).T
    defined = precision[precision > -1]
    return evaluator.params.catIds, evaluator.params.iouThrs, each, defined.mean() if defined.size else np.nan


class Detection(Reference):
    def test_boxes(self):
        undefined = crowded = 0
        for seed in range(2 * CASES):
            rng = random.Random(seed)
            annotations, found = random_boxes(rng)
            if not annotations["annotations"] or not found:
                continue
            thresholds = None if seed % 3 else [0.3, 0.5, 1.0]
            options = [] if seed % 3 else ["--iou", "0.3,0.5,1"]
            crowded += any(truth["iscrowd"] for truth in annotations["annotations"])
            categories, thresholds, each, mean = coco(annotations, found, thresholds)
            (self.folder / "truth.json").write_text(json.dumps(annotations))
            own = {"truth": [{"image": t["image_id"], "category": t["category_id"], "bbox": t["bbox"],
                              "iscrowd": t["iscrowd"]} for t in annotations["annotations"]],
                   "detections": [{"image": d["image_id"], "category": d["category_id"], "bbox": d["bbox"],
                                   "score": d["score"]} for d in found]}
            lines = ["kind,image,category,x,y,width,height,score,iscrowd"]
            for kind, boxes in (("truth", own["truth"]), ("detection", own["detections"])):
                lines += [",".join(map(str, (kind, b["image"], b["category"], *b["bbox"], b.get("score", ""),
                                             b.get("iscrowd", "")))) for b in boxes]
            pair = ["--truth", self.folder / "truth.json"]
            for data, more in ((found, pair), (own, []), ("\n".join(lines), [])):
                figures, report = self.quality("detect", data, *options, *more)
                self.assert_figure(figures["map", ""], mean, (seed, "map"))
                for category, row in zip(categories, each):
                    if str(category) not in report["labels"]:
                        self.assertTrue(np.isnan(row).all())
                        continue
                    for threshold, value in zip(thresholds, row):
                        undefined += np.isnan(value)
                        scope = f"category {category} iou {threshold:.6g}"
                        self.assert_figure(figures["ap", scope], value, (seed, scope))
        self.assertGreater(self.compared, 500)
        self.assertGreater(undefined, 0)
        self.assertGreater(crowded, 5)


if __name__ == "__main__":
    main()
