"""A provider whose models answer as told and one of which judges, by a rule, in the form that the gateway asks for."""

import json
import time

from upstream import Upstream, response

RIGHT, WRONG = "It is Paris.", "It is Lyon."
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def completion(text, finish="stop"):
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return response(json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}).encode())


class Question:
    """What a judge is asked."""

    def __init__(self, body):
        self.system = body["messages"][0]["content"]
        user = body["messages"][1]["content"]
        self.material = json.loads(user.split("\n")[1])
        self.nonce = self.system.rsplit('{"nonce": "', 1)[1].split('"')[0]

    def reply(self, grade):
        name = "better" if "first" in self.material else "score"
        return json.dumps({"nonce": self.nonce, "reason": f"it says {self.material.get('answer', 'both')!r}", name: grade})


def by_truth(question):
    """10 or 0, or the answer that is right."""
    right = lambda text: "Paris" in text
    if "answer" in question.material:
        return 10 if right(question.material["answer"]) else 0
    first, second = right(question.material["first"]), right(question.material["second"])
    return "tie" if first == second else "first" if first else "second"


class Judging:
    """`says`: by model, a text or a function of the body; the model `critic` judges by `rule(question)`, which gives a grade
    or, as bytes, the whole reply."""

    def __init__(self, says, rule=by_truth, slow=0.0):
        self.says, self.rule, self.slow = says, rule, slow
        self.asked = []
        self.provider = Upstream(self._answer)

    def count(self, model):
        return sum(1 for body in self.asked if body["model"] == model)

    def _answer(self, seen):
        body = json.loads(seen.body)
        self.asked.append(body)
        if body["model"] != "critic":
            says = self.says[body["model"]]
            return completion(says(body) if callable(says) else says)
        time.sleep(self.slow)
        question = Question(body)
        grade = self.rule(question)
        return completion(grade.decode() if isinstance(grade, bytes) else question.reply(grade))

    def config(self, folder, quality, record=None, **route):
        url = {"dialect": "openai", "base_url": f"http://127.0.0.1:{self.provider.port}/v1"}
        price = {"input": 1, "output": 1}
        return {
            "providers": {"p": url},
            "deployments": {name: {"provider": "p", "model": name, "price": price} for name in [*self.says, "critic"]},
            "ledger": {"dir": str(folder / "ledger")},
            "tiers": ["small", "large"],
            "routes": {
                "chat": {
                    "match": {"models": ["auto"]},
                    "tiers": {"small": ["weak"], "large": ["strong"]},
                    "routers": [{"fixed": {"tier": "small"}}],
                    "quality": quality,
                    **({"record": record} if record else {}),
                    **route,
                }
            },
        }


JUDGE = {"deployment": "critic", "share": 1, "daily_budget_usd": 5}
CALL_NANO_USD = 110_000  # of each model
