"""Models as ONNX graphs: opset 17 and ai.onnx.ml 3, which every ONNX Runtime from 1.17 on reads.

    difficulty   features [N, F] float32, ngram_ids [N, K] int64, ngram_values [N, K] float32
                 -> weak [N], strong [N] float32
    answer       features [N, F] float32 -> score [N] float32

Calibration is part of the graph. N-grams are padded with id 0 and value 0."""

import hashlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from difficulty import FORM_BOUNDS
from trees import Nodes

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


class Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def trees(self, nodes, targets, base, output):
        self.add("TreeEnsembleRegressor", ["features"], output, domain="ai.onnx.ml", n_targets=targets,
                 aggregate_function="SUM", post_transform="NONE", base_values=[float(b) for b in base],
                 nodes_treeids=nodes.tree, nodes_nodeids=nodes.node, nodes_featureids=nodes.feature,
                 nodes_values=nodes.value, nodes_modes=nodes.mode, nodes_truenodeids=nodes.true,
                 nodes_falsenodeids=nodes.false, target_treeids=nodes.leaf_tree, target_nodeids=nodes.leaf_node,
                 target_ids=nodes.leaf_target, target_weights=nodes.leaf_weight)
        return output

    def model(self, name, inputs, outputs, properties):
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        model = helper.make_model(graph, producer_name="triage",
                                  opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        version = f"{name}-{hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()[:12]}"
        helper.set_model_props(model, {**properties, "triage.version": version})
        return model


def difficulty_graph(model, names, name, trained_on):
    graph = Graph()
    count = len(model.experts)
    base, scales, tables, nodes = np.zeros(2 * count), np.zeros(2 * count, np.float32), [], Nodes()
    for head in range(2):  # columns: the gain of each expert, then its `weak`
        for index, expert in enumerate(model.experts):
            column = head * count + index
            tables.append(expert.tables[:, head])
            scales[column] = expert.scales[head] * expert.slope[head]
            base[column] = expert.shift[head]
    for index, expert in enumerate(model.experts):
        nodes.add(expert.strong, {index: expert.slope[0]})
        nodes.add(expert.weak, {index: -expert.slope[0], count + index: expert.slope[1]})
    graph.add("Gather", [graph.constant("tables", np.stack(tables, 1)), "ngram_ids"], "rows", axis=0)
    graph.add("Cast", ["rows"], "weights", to=FLOAT)
    graph.add("Unsqueeze", ["ngram_values", graph.constant("axis_1", np.array([1], np.int64))], "values")
    graph.add("MatMul", ["values", "weights"], "sums")
    graph.add("Squeeze", ["sums", "axis_1"], "steps")
    graph.add("Mul", ["steps", graph.constant("scales", scales)], "linear")
    graph.add("Add", ["linear", graph.trees(nodes, 2 * count, base, "boosted")], "all")
    both = add_gate(graph, model, count) if count > 1 else "all"
    for index, head in enumerate(("gain", "weak")):
        graph.add("Gather", [both, graph.constant(f"{head}_column", np.array(index, np.int64))], f"{head}_raw", axis=1)
    zero, one = graph.constant("zero", np.float32(0)), graph.constant("one", np.float32(1))
    graph.add("Clip", ["gain_raw", graph.constant("minus_one", np.float32(-1)), one], "gain")
    graph.add("Sub", [one, "gain"], "room_above")
    graph.add("Neg", ["gain"], "room_below")
    graph.add("Min", ["weak_raw", "room_above", one], "weak_low")
    graph.add("Max", ["weak_low", "room_below", zero], "weak")
    graph.add("Add", ["weak", "gain"], "strong")
    inputs = [helper.make_tensor_value_info("features", FLOAT, ["N", len(names.dense)]),
              helper.make_tensor_value_info("ngram_ids", INT64, ["N", "K"]),
              helper.make_tensor_value_info("ngram_values", FLOAT, ["N", "K"])]
    outputs = [helper.make_tensor_value_info(head, FLOAT, ["N"]) for head in ("weak", "strong")]
    return graph.model(name, inputs, outputs,
                       {"triage.kind": "difficulty", "triage.features": str(names.version), "triage.trained_on": trained_on})


def add_gate(graph, model, count):
    """Which expert speaks: [N, 2 * count] becomes [N, 2]."""
    assigned = np.zeros((3, count), np.float32)
    for form, expert in enumerate(model.expert_of_form):
        assigned[form, expert] = 1
    steps = np.array([[-1, 1, 0], [0, -1, 1]], np.float32)  # crossing a bound moves on to the next form
    graph.add("Gather", ["features", graph.constant("choices_column", np.array([model.choices], np.int64))], "choices", axis=1)
    graph.add("Greater", ["choices", graph.constant("bounds", np.array([FORM_BOUNDS], np.float32))], "crossed")
    graph.add("Cast", ["crossed"], "crossed_count", to=FLOAT)
    graph.add("Gemm", ["crossed_count", graph.constant("moves", steps @ assigned), graph.constant("first", assigned[0])], "gate")
    graph.add("Unsqueeze", ["gate", "axis_1"], "gates")
    graph.add("Reshape", ["all", graph.constant("by_head", np.array([-1, 2, count], np.int64))], "heads")
    graph.add("Mul", ["heads", "gates"], "gated")
    return graph.add("ReduceSum", ["gated", graph.constant("axis_2", np.array([2], np.int64))], "spoken", keepdims=0)


def answer_graph(model, names, name, trained_on):
    graph = Graph()
    nodes = Nodes()
    nodes.add(model.booster, {0: model.slope})
    graph.trees(nodes, 1, [model.shift], "odds")
    graph.add("Squeeze", ["odds", graph.constant("axis_1", np.array([1], np.int64))], "flat")
    graph.add("Sigmoid", ["flat"], "score")
    return graph.model(name, [helper.make_tensor_value_info("features", FLOAT, ["N", len(names.answer)])],
                       [helper.make_tensor_value_info("score", FLOAT, ["N"])],
                       {"triage.kind": "answer", "triage.features": str(names.version), "triage.trained_on": trained_on})


def padded(ngrams):
    """A sparse matrix as the graph's inputs: ids and values, [N, K]."""
    width = max(int(np.diff(ngrams.indptr).max(initial=1)), 1)
    ids = np.zeros((ngrams.shape[0], width), np.int64)
    values = np.zeros((ngrams.shape[0], width), np.float32)
    for at in range(ngrams.shape[0]):
        begin, end = ngrams.indptr[at], ngrams.indptr[at + 1]
        ids[at, : end - begin] = ngrams.indices[begin:end]
        values[at, : end - begin] = ngrams.data[begin:end]
    return ids, values


def run_difficulty(path, dense, ngrams):
    ids, values = padded(ngrams)
    return session(path).run(["weak", "strong"], {"features": dense, "ngram_ids": ids, "ngram_values": values})


def run_answer(path, answer):
    return session(path).run(["score"], {"features": answer})[0]


def session(path):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
