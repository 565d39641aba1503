"""The difficulty model: P(weak right) and P(strong right) from a prompt alone.

What routes is the gain, P(strong right) - P(weak right). Boosted trees over the dense features learn each model's P(right)
apart: what makes a question easy for one is told better by its own answers than by the few questions on which both differ,
and the difference of both ranks better than trees that learn the gain itself (APGR on MMLU 0.686 against 0.678). A linear
model over word n-grams is added, and all is calibrated on predictions for questions that it was not fitted to. Prompts without choices, with few and with many are fitted apart (an expert
each, where there are enough of them): a model's strength depends on the form of the question more than on anything
else, and one set of weights for all ranks each of them worse."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import Ridge

from metrics import folds_of
from trees import fit_trees

FORMS = ("open", "few choices", "many choices")
FORM_BOUNDS = (0.5, 5.5)  # of the feature `choices`
EXPERT_ROWS = 600         # fewer rows of a form are fitted with all others
INNER_FOLDS = 5


@dataclass
class Expert:
    tables: np.ndarray  # [2^bits, 2] int8: gain, weak
    scales: np.ndarray  # [2]: what one step of the tables is worth
    strong: object      # boosters
    weak: object
    slope: np.ndarray   # [2]: calibration of gain, weak
    shift: np.ndarray   # [2]


@dataclass
class DifficultyModel:
    experts: list
    expert_of_form: list  # index into experts, for each of FORMS
    choices: int          # index of the feature that tells the forms apart

    def raw(self, dense, ngrams):
        """[rows, 2]: gain and weak, calibrated but not bounded."""
        form = np.digitize(dense[:, self.choices], FORM_BOUNDS)
        chosen = np.array(self.expert_of_form)[form]
        out = np.zeros((len(dense), 2))
        for index, expert in enumerate(self.experts):
            at = chosen == index
            if at.any():
                out[at] = predict(expert, dense[at], ngrams[at]) * expert.slope + expert.shift
        return out

    def heads(self, dense, ngrams):
        """weak, strong. Their difference is the gain even at the bounds, where `weak` gives way."""
        gain, weak = self.raw(dense, ngrams).T
        gain = np.clip(gain, -1, 1)
        weak = np.clip(weak, np.maximum(0, -gain), np.minimum(1, 1 - gain))
        return weak, weak + gain


def smoothed(y, groups, part=0.5, prior=10):
    """Half the label, half the mean of its group: a single right or wrong says little. Rows without a group keep
    theirs."""
    known = np.array([group is not None for group in groups])
    out = y.copy()
    if known.any():
        names, index = np.unique(np.array([str(group) for group in groups])[known], return_inverse=True)
        del names
        sums, counts = np.bincount(index, y[known]), np.bincount(index)
        mean = (sums + prior * y[known].mean()) / (counts + prior)
        out[known] = part * y[known] + (1 - part) * mean[index]
    return out


def centred(y, sets, weight):
    """Less the mean of the row's set."""
    _, index = np.unique(sets, return_inverse=True)
    return y - (np.bincount(index, y * weight) / np.bincount(index, weight))[index]


def fit_linear(ngrams, y, sets, weight, penalty=18.0):
    """One weight for each n-gram. Rare ones are worth more (half an idf). The weights are rounded to a byte."""
    seen = np.asarray((ngrams > 0).sum(0)).ravel()
    rarity = np.sqrt(np.log(ngrams.shape[0] / (1 + seen)).clip(0) + 1)
    ridge = Ridge(alpha=penalty, solver="sparse_cg", tol=1e-3, fit_intercept=False)
    ridge.fit(sparse.csr_matrix(ngrams.multiply(rarity)), centred(y, sets, weight), sample_weight=weight)
    weights = ridge.coef_ * rarity
    scale = max(np.quantile(np.abs(weights[weights != 0]), 0.999) if np.any(weights) else 0, 1e-9) / 127
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), np.float32(scale)


def fit_expert(dense, ngrams, rows, seed):
    """Without calibration."""
    weak = np.array([row["weak"] for row in rows])
    gain = np.array([row["strong"] for row in rows]) - weak
    groups = [row["group"] for row in rows]
    sets = np.array([row["set"] for row in rows])
    weight = np.array([row["weight"] for row in rows])
    tables = np.zeros((ngrams.shape[1], 2), np.int8)
    scales = np.zeros(2, np.float32)
    for head, y in enumerate((gain, weak)):
        tables[:, head], scales[head] = fit_linear(ngrams, smoothed(y, groups), sets, weight)
    trees, leaves, least = (90, 6, 20) if len(rows) < 3000 else (110, 8, 40)
    strong, weak = (fit_trees(dense, smoothed(y, groups), weight, seed, trees, leaves, 0.05, least, random_splits=True)
                    for y in (gain + weak, weak))
    return Expert(tables, scales, strong, weak, np.ones(2), np.zeros(2))


def predict(expert, dense, ngrams):
    """[rows, 2], before calibration."""
    weak = expert.weak.predict(dense)
    boosted = np.stack([expert.strong.predict(dense) - weak, weak], 1)
    return np.asarray(ngrams @ expert.tables.astype(np.float64)) * expert.scales + boosted


def calibrate(expert, dense, ngrams, rows, seed, progress):
    """Fits slope and shift of both heads by least squares to predictions for questions kept out. Returns those
    predictions, calibrated, for the card."""
    fold = folds_of([row["key"] for row in rows], INNER_FOLDS, "inner")
    kept_out = np.zeros((len(rows), 2))
    for k in range(INNER_FOLDS):
        learn, judge = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if len(judge) == 0:
            continue
        part = fit_expert(dense[learn], ngrams[learn], [rows[i] for i in learn], seed)
        kept_out[judge] = predict(part, dense[judge], ngrams[judge])
        progress(f"  calibration {k + 1} of {INNER_FOLDS}")
    weak = np.array([row["weak"] for row in rows])
    gain = np.array([row["strong"] for row in rows]) - weak
    weight = np.array([row["weight"] for row in rows])
    for head, y in enumerate((gain, weak)):
        x = kept_out[:, head]
        mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
        spread = np.average((x - mean_x) ** 2, weights=weight)
        slope = np.average((x - mean_x) * (y - mean_y), weights=weight) / spread if spread > 0 else 0
        expert.slope[head] = np.clip(slope, 0.1, 2)
        expert.shift[head] = mean_y - expert.slope[head] * mean_x
    return kept_out * expert.slope + expert.shift


def fit_difficulty(dense, ngrams, rows, choices, seed, progress=print):
    """`choices`: index of the dense feature `choices`. Returns the model and its [rows, 2] predictions of gain and weak
    for questions kept out."""
    form = np.digitize(dense[:, choices], FORM_BOUNDS)
    own = [f for f in range(len(FORMS)) if (form == f).sum() >= EXPERT_ROWS]
    members = [np.flatnonzero(form == f) for f in own]
    if len(own) < len(FORMS) and (len(own) == 0 or len(np.unique(form)) > len(own)):
        members.append(np.arange(len(rows)))
    experts, kept_out = [], np.zeros((len(rows), 2))
    expert_of_form = [own.index(f) if f in own else len(members) - 1 for f in range(len(FORMS))]
    for index, at in reversed(list(enumerate(members))):  # own experts write over what the common one said
        progress(f"expert {index + 1} of {len(members)}: {len(at)} rows")
        mine = [rows[i] for i in at]
        expert = fit_expert(dense[at], ngrams[at], mine, seed)
        kept_out[at] = calibrate(expert, dense[at], ngrams[at], mine, seed, progress)
        experts.insert(0, expert)
    return DifficultyModel(experts, expert_of_form, choices), kept_out
