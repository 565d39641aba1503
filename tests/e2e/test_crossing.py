"""A conversation with thoughts and tools that goes from one provider to another and back. What only its author can read
comes home to it, and no other provider sees it (the scripted providers look for it in every request)."""

import itertools

import pytest

for package in ("anthropic", "botocore", "google.genai"):
    pytest.importorskip(package, reason=f"the package {package} could not be installed")

from matrix import OWN, Matrix, Pair, user
from scripted import PROVIDERS, keeps_signatures
from scripted.exchange import Call, Result, Thought
from scripted.scenarios import CITIES, SAID
from sdk_clients import CLIENTS, Question
from test_matrix import WEATHER

SIGNING = [name for name, each in PROVIDERS.items() if each.signs]


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    made = Matrix(tmp_path_factory.mktemp("crossing"))
    yield made
    made.close()


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("first,second", list(itertools.permutations(SIGNING, 2)))
@pytest.mark.parametrize("client", [*CLIENTS, "forgetful"])
def test_there_and_back(matrix, client, first, second, streamed):
    if not keeps_signatures():
        pytest.skip("this binary knows no origins of signatures")
    home = Pair(matrix, client, first, streamed)
    away = Pair(matrix, client, second, streamed)
    if first in OWN[home.client.form] and second in OWN[home.client.form]:
        pytest.skip("both speak the client's form: its bytes are passed on")
    question = Question([user("[thinking] And the weather?")], tools=[WEATHER], thinks=True, max_tokens=4000)
    for step, pair in enumerate((home, away)):
        said = pair.ask(question)
        assert [call.arguments for call in said.calls] == [{"city": CITIES[step]}]
        question.turns += [said.turn, user(Result(said.calls[0].id, f"sunny in {CITIES[step]}"))]
    assert home.ask(question).text == SAID
    for pair, signed in ((home, [0]), (away, [])):
        asked = pair.asked
        assert [thought.signature for thought in asked.of(Thought) if thought.signature] == [pair.provider.signature(each) for each in signed]
        steps = 2 if pair is home else 1
        assert [call.arguments["city"] for call in asked.of(Call)] == CITIES[:steps]
        assert [result.text for result in asked.of(Result)] == [f"sunny in {city}" for city in CITIES[:steps]]
