"""Boosted trees: trained by LightGBM, kept as plain nodes for ONNX."""

from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np

PARAMETERS = dict(bagging_fraction=0.7, bagging_freq=1, lambda_l2=5, verbose=-1, num_threads=1, deterministic=True,
                  force_row_wise=True, use_missing=False)


def fit_trees(x, y, weight, seed, trees, leaves, rate, least, objective="regression", columns=0.4, random_splits=False):
    """`least`: rows of a leaf. Labels may be any number from 0 to 1 for cross_entropy, whose trees give log-odds.
    `random_splits`: each feature is tried at one random threshold ("extremely randomised trees"), which suits labels
    that are mostly noise."""
    parameters = dict(PARAMETERS, objective=objective, num_leaves=leaves, learning_rate=rate, min_data_in_leaf=least,
                      feature_fraction=columns, extra_trees=random_splits, seed=seed)
    return lgb.train(parameters, lgb.Dataset(x, y, weight=weight), trees)


@dataclass
class Nodes:
    """The attributes of TreeEnsembleRegressor."""
    tree: list = field(default_factory=list)
    node: list = field(default_factory=list)
    feature: list = field(default_factory=list)
    value: list = field(default_factory=list)
    mode: list = field(default_factory=list)
    true: list = field(default_factory=list)
    false: list = field(default_factory=list)
    leaf_tree: list = field(default_factory=list)
    leaf_node: list = field(default_factory=list)
    leaf_target: list = field(default_factory=list)
    leaf_weight: list = field(default_factory=list)
    trees: int = 0

    def add(self, booster, targets):
        """What the booster says is added to each column of `targets`, multiplied by its factor."""
        for info in booster.dump_model()["tree_info"]:
            self._tree(info["tree_structure"], targets)

    def _tree(self, root, targets):
        tree, self.trees = self.trees, self.trees + 1
        waiting = [root]
        taken = 0
        while taken < len(waiting):  # breadth first: a node's id is its place in `waiting`
            at, taken = waiting[taken], taken + 1
            leaf = "leaf_value" in at
            self.tree.append(tree)
            self.node.append(taken - 1)
            self.mode.append("LEAF" if leaf else "BRANCH_LEQ")
            self.feature.append(0 if leaf else at["split_feature"])
            self.value.append(0.0 if leaf else threshold_of(at["threshold"]))
            self.true.append(0 if leaf else len(waiting))
            self.false.append(0 if leaf else len(waiting) + 1)
            if not leaf:
                waiting += [at["left_child"], at["right_child"]]
                continue
            for column, factor in targets.items():
                self.leaf_tree.append(tree)
                self.leaf_node.append(taken - 1)
                self.leaf_target.append(column)
                self.leaf_weight.append(float(np.float32(float(np.float32(at["leaf_value"])) * factor)))


def threshold_of(value):
    """The greatest float32 that is not above `value`: float32 features compare with it as with `value`."""
    rounded = np.float32(value)
    return float(rounded if float(rounded) <= value else np.nextafter(rounded, np.float32(-np.inf)))
