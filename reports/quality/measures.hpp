// How good predictions are: measures of classification, regression and detection, as scikit-learn 1.x and the COCO
// evaluator define them. Pure functions. What is not defined (no positives, one class) has no value, and says why; what
// cannot be meant (unequal lengths, no finite number, a probability of 1.2) is std::invalid_argument with its row,
// counted from 0.
#pragma once

#include "reports/quality/classification.hpp"
#include "reports/quality/detection.hpp"
#include "reports/quality/measure.hpp"
#include "reports/quality/regression.hpp"
#include "reports/quality/roc.hpp"
