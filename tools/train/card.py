"""Model cards."""

import numpy as np

from metrics import area_under_roc, calibration_error, summary


def counted(rows):
    """Variants of a set, named "SET, VARIANT", have the same questions."""
    sets = {}
    for row in rows:
        sets.setdefault(row["set"].split(",")[0], set()).add(row["key"])
    return ", ".join(f"{name} {len(keys):,} questions" for name, keys in sets.items())


def by_set(rows):
    for name in dict.fromkeys(row["set"] for row in rows):
        yield name, np.array([row["set"] == name for row in rows])


def difficulty_metrics(rows, kept_out):
    weak = np.array([row["weak"] for row in rows])
    strong = np.array([row["strong"] for row in rows])
    lines = ["| set | rows | weak | strong | APGR | CPT50 | CPT80 | calibration error of weak, of strong |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, at in by_set(rows):
        gain, low = kept_out[at].T
        area, _, half, most = summary(gain, weak[at], strong[at])
        errors = [calibration_error(np.clip(p, 0, 1), y[at]) for p, y in ((low, weak), (low + gain, strong))]
        lines.append(f"| {name} | {at.sum():,} | {weak[at].mean():.3f} | {strong[at].mean():.3f} | {area:.3f} | {half:.1f} | "
                     f"{most:.1f} | {errors[0]:.3f}, {errors[1]:.3f} |")
    return lines


def answer_metrics(rows, kept_out, right):
    """APGR and CPT are those of a cascade whose score is 1 - P(right), where the set has a strong model."""
    strong = np.array([row["strong"] for row in rows])
    lines = ["| set | answers | right | area under ROC | calibration error | APGR | CPT50 | CPT80 |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, at in by_set(rows):
        told = "| | |"
        if strong[at].mean() > right[at].mean():
            area, _, half, most = summary(-kept_out[at], right[at], strong[at])
            told = f"{area:.3f} | {half:.1f} | {most:.1f} |"
        lines.append(f"| {name} | {at.sum():,} | {right[at].mean():.3f} | {area_under_roc(kept_out[at], right[at]):.3f} | "
                     f"{calibration_error(kept_out[at], right[at]):.3f} | {told}")
    return lines


LIMITS = {
    "difficulty": [
        "It knows English questions of the kinds above and the pairs of models that answered them. On other traffic it is a "
        "first guess: measure it there (`triage eval`), and train on your own labels.",
        "`weak` and `strong` are calibrated for those pairs. With other models only the order of prompts carries over, and "
        "not always that.",
        "It reads the last user turn. What a conversation said before counts only by its number of turns.",
    ],
    "answer": [
        "It sees the form of an answer, its arithmetic and its agreement with the question, not the truth of what it says. "
        "A fluent false answer to a question of knowledge passes.",
        "It is calibrated for the answers above. Choose the threshold on your own answers.",
        "Answers with tool calls, and languages other than English, were not among those it was trained on.",
    ],
}


def card(kind, model, rows, metrics, size, command):
    properties = {entry.key: entry.value for entry in model.metadata_props}
    inputs = ", ".join(f"`{value.name}`" for value in model.graph.input)
    outputs = ", ".join(f"`{value.name}`" for value in model.graph.output)
    what = {"difficulty": "P(weak model right) and P(strong model right), from a prompt alone; a router ranks by "
                          "(1 + strong - weak) / 2.",
            "answer": "P(answer right), from a question and a cheap model's answer."}[kind]
    return "\n".join([
        f"# {properties['triage.version']}", "",
        what, "",
        f"- Inputs: {inputs}, version {properties['triage.features']} of the features; outputs: {outputs}. "
        f"{size / 1000:,.0f} kB.",
        f"- Trained on {counted(rows)}.",
        "- Licence: Apache-2.0, as are the public sets (lm-sys/RouteLLM, TIGER-AI-Lab/MMLU-Pro, WildEval/ZeroEval).",
        f"- Made by `{command}`; the same data and seed give the same bytes.", "",
        "## Figures", "",
        "For questions that were kept out of training, five-fold, split by the question's text:", "",
        *metrics, "",
        "`tools/train/measure.py` prints the stricter table: beside length, group means and the oracle, with intervals, "
        "and for subjects that were never seen.", "",
        "## Limits", "",
        *[f"- {limit}" for limit in LIMITS[kind]], ""])
