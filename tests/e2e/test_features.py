"""`triage features`: the numbers that training reads."""

import json
import subprocess

import pytest

from test_cli import BINARY

BAD_ROWS = [
    ("{", "line 2: the line is not JSON"),
    ("[1]", "line 2: the line is [1]: write an object"),
    ('{"weak": 1}', "line 2: 'prompt' is missing"),
    ('{"prompt": 5}', "line 2: 'prompt' is 5"),
    ('{"prompt": "a", "weak_response": []}', "line 2: 'weak_response' is []"),
    ('{"prompt": "a", "weak_response": "b", "finish_reason": 1}', "line 2: 'finish_reason' is 1"),
]


def triage(*arguments, stdin=""):
    return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=20)


def features(*rows, arguments=()):
    done = triage("features", *arguments, stdin="\n".join(json.dumps(row) for row in rows))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("line, complaint", BAD_ROWS)
def test_a_bad_row_is_named_and_the_rows_before_it_are_answered(line, complaint):
    done = triage("features", stdin='{"prompt": "fine"}\n' + line + "\n")
    assert done.returncode == 3 and complaint in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_text_and_the_messages_that_carry_it_have_the_same_numbers():
    text, messages = features({"prompt": "How many?", "weak_response": "5"},
                              {"prompt": [{"role": "user", "content": "How many?"}], "other": "5"})
    assert "answer" in text and "answer" not in messages
    assert {**messages, "answer": text["answer"]} == text


def test_the_members_with_the_answers_can_be_named():
    row = {"prompt": "What is 2 + 2?", "cheap": "The answer is 4.", "other": "4"}
    (plain,), (told,) = features(row), features(row, arguments=("--response", "cheap", "--second", "other"))
    names = [feature["name"] for feature in json.loads(triage("features", "--names").stdout)["answer"]]
    assert "answer" not in plain
    assert told["answer"][names.index("second_agrees")] == 1


def test_names_go_with_the_numbers():
    names = json.loads(triage("features", "--names").stdout)
    (row,) = features({"prompt": "Hello", "weak_response": "Hi"})
    assert names["version"] == row["version"]
    assert (len(names["features"]), len(names["answer"])) == (len(row["features"]), len(row["answer"]))
    assert all(0 < at < 2 ** names["ngram_bits"] for at in row["ngram_ids"])


def test_a_row_that_makes_no_request_is_refused():
    prompt = [{"role": "user", "content": "deep"}]
    for _ in range(100):
        prompt = [prompt]
    done = triage("features", stdin=json.dumps({"prompt": prompt}))
    assert done.returncode == 3 and "line 1: the line is not JSON: it is nested too deeply" in done.stderr
