"""What the scripted model does, by a word in brackets at the beginning of the user's last text."""

import re

from scripted.exchange import Answer, Call, Failure, Refusal, Text, Thought, Usage

# Line ends of Unicode's, which are none in server-sent events; characters outside of the basic plane (one of them is sent as
# two surrogates); right to left; a combined one; a byte order mark; control characters; what JSON escapes.
ODD = "Grüße \u2028\u2029\u0085 👋🎉 שלום مرحبا e\u0301 \ufeff \u200d \u0000\u0001\u001f\u007f \\ \\n \\u0041 \"quoted\" / </script>\t\r\n data: x\n\nend"
SAID = "All is well."
PAGE = ("https://example.com/a?b=c&d", "A \"page\" \u2028 👋")
CITED = "Zürich 👋 is sunny."
REFUSED = "I will not help with that."
ARGUMENTS = {"city": "Zürich 👋", "days": 3, "precise": 7006652.0, "nested": {"list": [1, 2.5, None, True, "a\"b\\c\u2028"]}, "empty": {}}
CITIES = ["Rome", "Oslo", "Zürich"]
RECORD = '{"name": "Ada 👋", "age": 36}'

FAILURES = {
    "invalid": Failure(400, "messages: something is wrong with 'this' \u2028 👋"),
    "limited": Failure(429, "Slow down, please."),
    "broken": Failure(500, "Something broke here."),
    "overloaded": Failure(529, "Overloaded, come back later."),
    "too_long": Failure(400, "prompt is too long: 210000 tokens > 200000 maximum"),
}


def weather(results):
    return Text("; ".join(f"{'failed: ' if each.failed else ''}{each.text}" for each in results))


def script(asked, provider):
    answer = answer_of(asked, provider)
    if isinstance(answer, Answer) and provider.ids:
        rounds = len([turn for turn in asked.turns if turn.role == "assistant"])
        for number, call in enumerate(block for block in answer.blocks if isinstance(block, Call)):
            call.id = f"{provider.ids}{rounds}_{number}"
    return answer


def answer_of(asked, provider):
    question = asked.question()
    word = (re.match(r"\[(\w+)\]", question) or ["", ""])[1]
    results = asked.answered()
    usage = Usage(20, 7, 5 if provider.writes else 0, 11)
    if word in FAILURES:
        return FAILURES[word]
    if word == "odd":
        return Answer([Text(ODD)], usage=usage)
    if word in ("ends", "breaks", "fails"):
        return Answer([Text("This is never told to its end.")], cut=word)
    if word == "cited":
        return Answer([Text(CITED, PAGE)], usage=usage)
    if word == "length":
        return Answer([Text("This is told only to")], "length", usage)
    if word == "refusal":
        return Answer([Refusal(REFUSED)], "refusal", usage)
    if word == "schema":
        return Answer([Text(RECORD)], usage=usage)
    if word == "call" and not results:
        return Answer([Text("I look."), Call(next(iter(asked.tools), "get_weather"), ARGUMENTS)], "calls", usage)
    if word == "redacted" and not results:
        return Answer([Thought("", provider.signature(5), redacted=True), Call("get_weather", {"city": "Rome"})], "calls", usage)
    if word == "parallel" and not results:
        return Answer([Call("get_weather", {"city": city}) for city in CITIES], "calls", usage)
    if word == "thinking":
        return thinking(asked, provider, len(results), usage)
    return Answer([weather(results) if results else Text(SAID)], usage=usage)


def thinking(asked, provider, results, usage):
    """Thinks before each of two steps: what was thought before has to come back with the results."""
    usage.reasoning = 4 if provider.tells_reasoning else 0
    rounds = len([turn for turn in asked.turns if turn.role == "assistant"])
    thought = Thought(f"Step {rounds}: hm \u2028 👋.", provider.signature(rounds) if provider.signs else "")
    if rounds < 2:
        return Answer([thought, Call("get_weather", {"city": CITIES[rounds]})], "calls", usage)
    return Answer([thought, Text(SAID)], usage=usage)
