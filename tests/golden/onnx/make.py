"""Writes the small models of the unit tests: python3 make.py, with onnx 1.23.2."""

import pathlib

from onnx import TensorProto, checker, helper

HERE = pathlib.Path(__file__).parent
FLOAT, INT64, DOUBLE = TensorProto.FLOAT, TensorProto.INT64, TensorProto.DOUBLE


def tensor(name, element, shape):
    return helper.make_tensor_value_info(name, element, shape)


def constant(name, element, values):
    return helper.make_tensor(name, element, [len(values)], values)


def write(name, nodes, inputs, outputs, constants=(), **metadata):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = "triage." + key, value
    checker.check_model(model)
    (HERE / (name + ".onnx")).write_bytes(model.SerializeToString())


AXIS = constant("axis", INT64, [1])
SUM = helper.make_node("ReduceSum", ["features", "axis"], ["score"], keepdims=0)
FEATURES = tensor("features", FLOAT, ["n", 3])
SCORE = tensor("score", FLOAT, ["n"])
KIND = {"kind": "difficulty", "features": "7", "version": "sums-1"}

# score: the sum of the features
write("sum", [SUM], [FEATURES], [SCORE], [AXIS], **KIND)

# weak: the sum of the features; strong: that of the n-grams' values, weighted by 0, 10, 20, 30 for their ids
write("two_heads",
      [helper.make_node("ReduceSum", ["features", "axis"], ["weak"], keepdims=1),
       helper.make_node("Gather", ["weights", "ngram_ids"], ["picked"]),
       helper.make_node("Mul", ["picked", "ngram_values"], ["weighted"]),
       helper.make_node("ReduceSum", ["weighted", "axis"], ["strong"], keepdims=1)],
      [FEATURES, tensor("ngram_ids", INT64, ["n", "k"]), tensor("ngram_values", FLOAT, ["n", "k"])],
      [tensor("weak", FLOAT, ["n", 1]), tensor("strong", FLOAT, ["n", 1])],
      [AXIS, constant("weights", FLOAT, [0, 10, 20, 30])], **KIND)

# What is wrong with the others is their name.
write("no_metadata", [SUM], [FEATURES], [SCORE], [AXIS])
write("other_version", [SUM], [FEATURES], [SCORE], [AXIS], **{**KIND, "features": "6"})
write("other_kind", [SUM], [FEATURES], [SCORE], [AXIS], **{**KIND, "kind": "answer"})
write("four_features", [SUM], [tensor("features", FLOAT, ["n", 4])], [SCORE], [AXIS], **KIND)
write("double_features", [SUM], [tensor("features", DOUBLE, ["n", 3])], [tensor("score", DOUBLE, ["n"])], [AXIS], **KIND)
write("one_row", [SUM], [tensor("features", FLOAT, [1, 3])], [tensor("score", FLOAT, [1])], [AXIS], **KIND)
write("unknown_input", [helper.make_node("ReduceSum", ["pixels", "axis"], ["score"], keepdims=0)],
      [tensor("pixels", FLOAT, ["n", 3])], [SCORE], [AXIS], **KIND)
write("wide_output", [helper.make_node("Identity", ["features"], ["score"])], [FEATURES],
      [tensor("score", FLOAT, ["n", 3])], **KIND)
write("ids_without_values",
      [SUM, helper.make_node("Identity", ["ngram_ids"], ["same"])],
      [FEATURES, tensor("ngram_ids", INT64, ["n", "k"])], [SCORE], [AXIS], **KIND)
# Fails for any input: it gathers what is not there.
write("fails",
      [helper.make_node("ReduceSum", ["features", "axis"], ["sum"], keepdims=0),
       helper.make_node("Gather", ["sum", "far"], ["score"])],
      [FEATURES], [SCORE], [AXIS, constant("far", INT64, [1000])], **KIND)
# A model of answers that takes more than a millisecond. score: 1/2, and a quarter of `second_agrees`
write("slow_answer",
      [helper.make_node("ReduceSum", ["features", "axis"], ["sum"], keepdims=1),
       helper.make_node("ConstantOfShape", ["row_shape"], ["row"]),
       helper.make_node("ConstantOfShape", ["square_shape"], ["square"]),
       helper.make_node("MatMul", ["sum", "row"], ["wide"]),
       helper.make_node("MatMul", ["wide", "square"], ["work"]),
       helper.make_node("ReduceSum", ["work", "axis"], ["nothing"], keepdims=0),
       helper.make_node("Gather", ["features", "agrees"], ["seen"], axis=1),
       helper.make_node("ReduceSum", ["seen", "axis"], ["agreement"], keepdims=0),
       helper.make_node("Mul", ["agreement", "quarter"], ["share"]),
       helper.make_node("Add", ["share", "half"], ["base"]),
       helper.make_node("Add", ["base", "nothing"], ["score"])],
      [tensor("features", FLOAT, ["n", 54])], [SCORE],
      [AXIS, constant("row_shape", INT64, [1, 2048]), constant("square_shape", INT64, [2048, 2048]),
       constant("agrees", INT64, [52]), constant("quarter", FLOAT, [0.25]), constant("half", FLOAT, [0.5])],
      kind="answer", features="1", version="slow-1")
(HERE / "broken.onnx").write_bytes(b"This is not a model.\n")

# Transformers of one layer. Their vocabulary has 8 tokens, of which "hard" and "proof" weigh for the second label.
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "easy", "hard", "proof", "##s"]
(HERE / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
IDS = [tensor("input_ids", INT64, ["n", "l"]), tensor("attention_mask", INT64, ["n", "l"])]
TYPES = tensor("token_type_ids", INT64, ["n", "l"])
WEIGHTS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 0]  # two for each token


def embeddings(count=8):
    return helper.make_tensor("embeddings", FLOAT, [count, 2], [float(w) for w in WEIGHTS[: 2 * count]])


HIDDEN = [helper.make_node("Gather", ["embeddings", "input_ids"], ["gathered"]),
          helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
          helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
          helper.make_node("Mul", ["gathered", "wide_mask"], ["last_hidden_state"])]
LAST = constant("last", INT64, [2])
LOGITS = HIDDEN + [helper.make_node("ReduceSum", ["last_hidden_state", "axis"], ["logits"], keepdims=0)]
OUT = tensor("logits", FLOAT, ["n", 2])
write("text_classifier", LOGITS, IDS, [OUT], [embeddings(), LAST, AXIS])
write("text_few_embeddings", LOGITS, IDS, [OUT], [embeddings(5), LAST, AXIS])
write("text_encoder", HIDDEN, IDS, [tensor("last_hidden_state", FLOAT, ["n", "l", 2])], [embeddings(), LAST])
# One logit, which counts the tokens of type 0.
write("text_one_logit",
      [helper.make_node("Sub", ["attention_mask", "token_type_ids"], ["kept"]),
       helper.make_node("Cast", ["kept"], ["counted"], to=FLOAT),
       helper.make_node("ReduceSum", ["counted", "axis"], ["logit"], keepdims=1),
       helper.make_node("Cast", ["input_ids"], ["unused"], to=FLOAT)],
      IDS + [TYPES], [tensor("logit", FLOAT, ["n", 1])], [AXIS])
# Takes at most 16 tokens, as it has as many positions.
write("text_few_positions",
      [helper.make_node("Shape", ["input_ids"], ["shape"]),
       helper.make_node("Gather", ["shape", "second"], ["length"]),
       helper.make_node("Sub", ["length", "one"], ["final"]),
       helper.make_node("Gather", ["positions", "final"], ["position"]),
       *HIDDEN,
       helper.make_node("ReduceSum", ["last_hidden_state", "axis"], ["sums"], keepdims=0),
       helper.make_node("Add", ["sums", "position"], ["logits"])],
      IDS, [OUT],
      [embeddings(), LAST, AXIS, constant("second", INT64, [1]), constant("one", INT64, [1]),
       constant("positions", FLOAT, [0.0] * 16)])
