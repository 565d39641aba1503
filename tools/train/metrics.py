"""APGR and CPT as RouteLLM computes them (lm-sys/RouteLLM, routellm/evals): eleven thresholds at the scores' deciles,
strong from the threshold on, the last one strictly; the area by trapezoids; CPT by linear interpolation."""

import hashlib

import numpy as np


def curve(score, weak, strong):
    """Share of strong calls (0 to 1, rising) and accuracy at each threshold."""
    thresholds = np.unique(np.quantile(score, np.linspace(0, 1, 11)))
    points = []
    for at, threshold in enumerate(thresholds):
        up = score >= threshold if at < len(thresholds) - 1 else score > threshold
        points.append((up.mean(), np.where(up, strong, weak).mean()))
    return np.array(points[::-1]).T


def apgr(score, weak, strong):
    share, accuracy = curve(score, weak, strong)
    low, high = weak.mean(), strong.mean()
    width = share[-1] - share[0]
    if width == 0 or high == low:
        return float("nan")
    return (np.trapezoid(accuracy, share) - low * width) / ((high - low) * width)


def apgr_at_cost(score, weak, strong, extra):
    """The same area over the share of the extra cost of strong calls instead of their number, with every row a threshold."""
    order = np.argsort(-score, kind="stable")
    low, high = weak.mean(), strong.mean()
    share = np.concatenate([[0], np.cumsum(extra[order])]) / extra.sum()
    accuracy = low + np.concatenate([[0], np.cumsum((strong - weak)[order])]) / len(score)
    return (np.trapezoid(accuracy, share) - low) / (high - low)


def cpt(score, weak, strong, part):
    """Per cent of strong calls at which `part` of the gap between the models is closed."""
    share, accuracy = curve(score, weak, strong)
    return 100 * np.interp(weak.mean() + part * (strong.mean() - weak.mean()), accuracy, share)


def summary(score, weak, strong):
    return np.array([apgr(score, weak, strong)] + [cpt(score, weak, strong, part) for part in (0.2, 0.5, 0.8)])


def interval(score, weak, strong, draws=500, seed=7):
    """95 % by bootstrap over the questions: [2, 4], low and high of summary()."""
    random = np.random.default_rng(seed)
    size = len(score)
    found = [summary(score[at], weak[at], strong[at]) for at in (random.integers(0, size, size) for _ in range(draws))]
    return np.nanquantile(found, [0.025, 0.975], axis=0)


def folds_of(keys, count, salt=""):
    """A fold for each row; rows with one key share a fold."""
    return np.array([int(hashlib.sha256(f"{salt}{key}".encode()).hexdigest()[:15], 16) % count for key in keys])


def calibration_error(probability, label, bins=10):
    """Expected calibration error over equally filled bins."""
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    return sum(len(part) * abs(probability[part].mean() - label[part].mean()) for part in parts if len(part)) / len(label)


def area_under_roc(score, positive):
    """The probability that a positive row has the higher score; ties count half."""
    from scipy.stats import rankdata
    positive = positive.astype(bool)
    ranks = rankdata(score)
    count = positive.sum()
    return (ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(score) - count))
