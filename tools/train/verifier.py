"""The verifier's model: P(answer right) from the question and the answer."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from metrics import folds_of
from trees import fit_trees

INNER_FOLDS = 5


@dataclass
class VerifierModel:
    booster: object
    slope: float = 1.0
    shift: float = 0.0

    def raw(self, answer):
        """Log-odds before calibration."""
        return self.booster.predict(answer, raw_score=True)

    def score(self, answer):
        return expit(self.slope * self.raw(answer) + self.shift)


def fit_answer_trees(answer, right, weight, seed):
    """Few rows get small trees."""
    small = weight.sum() < 3000
    return VerifierModel(fit_trees(answer, right, weight, seed, 150 if len(right) < 3000 else 260, 6 if small else 12, 0.04,
                                   12 if small else 30, objective="cross_entropy"))


def fit_verifier(answer, rows, right, seed, progress=print):
    """Returns the model, calibrated by Platt's method on predictions for questions kept out, and these predictions."""
    weight = np.array([row["weight"] for row in rows])
    fold = folds_of([row["key"] for row in rows], INNER_FOLDS, "inner")
    kept_out = np.zeros(len(rows))
    for k in range(INNER_FOLDS):
        learn, judge = fold != k, fold == k
        if judge.any():
            kept_out[judge] = fit_answer_trees(answer[learn], right[learn], weight[learn], seed).raw(answer[judge])
        progress(f"  calibration {k + 1} of {INNER_FOLDS}")
    model = fit_answer_trees(answer, right, weight, seed)

    def loss(at):
        odds = at[0] * kept_out + at[1]
        return np.average(np.logaddexp(0, odds) - right * odds, weights=weight)

    model.slope, model.shift = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(0.05, 5), (-10, 10)]).x
    return model, expit(model.slope * kept_out + model.shift)
