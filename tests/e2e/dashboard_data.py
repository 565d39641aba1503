"""A gateway whose dashboard has something of every kind to show: a ledger of the last hours, with names and texts that would
be markup, pairs that were graded, and an experiment with traffic of now."""

import hashlib
import json
import random
import threading
import time

from gateway import Gateway, config_for, request, wait_for
from ledger_lines import request as record
from ledger_lines import write_ledger

ADMIN_KEY = "tk-admin-dashboard"
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">"
PRICES = {"sim-small": (0.1, 0.4), "sim-medium": (0.5, 2), "sim-large": (2.5, 10)}
TIERS = {"small": "sim-small", "medium": "sim-medium", "large": "sim-large"}
PROMPTS = [
    "What is 12*7?",
    "Prove that the square root of 2 is irrational",
    "Summarise the attached contract in three bullet points",
    "Translate to French: where is the station?",
    "Why does my build fail with an undefined reference to a vtable?",
    "Compare two databases for a small desktop application",
    HOSTILE,
]


def attempt(tier, start, latency, cause="first", end="completed", **more):
    price = PRICES[TIERS[tier]]
    failed = end == "failed"
    return {
        "purpose": "answer", "cause": cause, "deployment": TIERS[tier], "provider": "sim", "model": TIERS[tier], "tier": tier,
        "status": 503 if failed else 200, "error": "upstream_error" if failed else None, "start_ms": start, "ttft_ms": None if failed else latency * 0.3,
        "latency_ms": latency, "tokens": {"input": 400, "output": 0 if failed else 250}, "usage_source": "none" if failed else "reported",
        "cost_nano_usd": 0 if failed else int((400 * price[0] + 250 * price[1]) * 1000), "end": end, **more,
    }


def one(chance, number, at):
    """A request that something happened to, by its number."""
    hostile = number % 23 == 0
    prompt = HOSTILE if hostile else chance.choice(PROMPTS[:-1])
    score = round(chance.betavariate(2, 3), 3)
    tier = "small" if score < 0.45 else "medium" if score < 0.65 else "large"
    took = chance.lognormvariate(6 + list(TIERS).index(tier) / 2, 0.4)
    attempts, more = [attempt(tier, 0.3, took)], {}
    if number % 11 == 0:
        tier = "medium"
        attempts = [attempt("small", 0.3, took, end="rejected", verdict=f"the answer declines {HOSTILE if hostile else ''}", score=0.31), attempt("medium", took + 2, took, "escalation")]
    elif number % 13 == 0:
        attempts = [attempt(tier, 0.3, 80, end="failed"), attempt(tier, 81, 90, "retry", end="failed"), attempt(tier, 172, took, "fallback")]
    elif number % 17 == 0:
        attempts = [attempt(tier, 0.3, took, end="cancelled"), attempt(tier, 300, took, "hedge")]
    elif number % 19 == 0:
        attempts = [attempt(tier, 0.3, took, end="truncated"), attempt(tier, took, took, "rescue")]
    elif number % 37 == 0:
        attempts = [attempt(tier, 0.3, 120, end="failed"), attempt(tier, 121, 130, "retry", end="failed")]
        more = {"outcome": "upstream_error", "status": 502, "error": "upstream_error", "finish_reason": None}
    cost = sum(each["cost_nano_usd"] for each in attempts)
    top = attempt("large", 0, 1)["cost_nano_usd"]
    chain = [{"router": "heuristic", "tier": None, "score": None, "reason": "no rule holds"}, {"router": "classifier", "tier": tier, "score": score, "threshold": 0.45, "reason": f"score {score}"}]
    if number % 5 == 0:
        half = lambda side, mean: {"deployment": TIERS[side], "tier": side, "score": round(min(1, max(0, chance.gauss(mean, 0.2))), 2), "cost_nano_usd": attempt(side, 0, 1)["cost_nano_usd"]}  # noqa: E731
        weak, strong = half("small", 0.9 - score / 2), half("large", 0.9)
        more["pair"] = {"kind": "ensemble", "cheap": weak, "strong": strong, "margin": strong["score"] - weak["score"], "picked": "cheap", "given": "cheap", "reason": "judged"}
    return record(
        number, time_unix_ms=at, tier=tier, **{"key": HOSTILE if hostile else chance.choice(["web", "mobile", None]), "route": HOSTILE if number % 46 == 0 else "chat",
        "model_requested": HOSTILE if hostile else "auto", "chain": chain, "class": "math" if "Prove" in prompt else None, "attempts": attempts,
        "latency_ms": max(each["start_ms"] + each["latency_ms"] for each in attempts), "ttft_ms": took * 0.3, "overhead_us": chance.randrange(60, 240), "streamed": number % 2 == 0,
        "cost_nano_usd": cost, "frontier_cost_nano_usd": top, "content": "full", "prompt": json.dumps([{"role": "user", "content": prompt}]), "answer": HOSTILE if hostile else "It depends.",
        "signals": {"refusal": chance.random() < 0.05, "hedging": chance.random() < 0.1, "truncated": False, "retry": chance.random() < 0.04}} | more,
    )


def lines(count=900, hours=20):
    chance, now, out = random.Random(4), int(time.time() * 1000), []
    for number in range(1, count + 1):
        at = now - int((count - number + 1) * hours * 3_600_000 / count)
        out.append(one(chance, number, at))
        said = {"id": f"req_{number}", "time_unix_ms": at + 900, "route": "chat", "experiment": None}
        if number % 9 == 0 or number % 23 == 0:
            up = number % 23 != 0 and chance.random() < 0.85
            out.append({"kind": "feedback", **said, "key": None, "thumb": "up" if up else "down", "score": None, "task_completed": up, "comment": None if up else HOSTILE, "corrected": None})
        if number % 7 == 0 or number % 23 == 0:
            out.append({"kind": "grade", **said, "grader": "judge", "version": "v3", "against": None, "score": round(min(1, max(0, chance.gauss(0.8, 0.1))), 2), "reason": HOSTILE if number % 23 == 0 else "complete", "cost_nano_usd": 210000})
    return out


def config(provider_port, folder, key=ADMIN_KEY):
    routers = [{"heuristic": {"rules": [{"name": "proof", "when": {"keywords": ["prove", "theorem"]}, "tier": "large", "class": "math"}]}}, {"classifier": {"thresholds": {"medium": 0.62, "large": 0.65}}}]
    out = config_for(provider_port, keys=None, ledger={"dir": str(folder), "sync": "os"}, log={"requests_per_second": 0, "errors_per_second": 0}, breaker={"consecutive": 2})
    del out["keys"]
    out["providers"]["dead"] = {"dialect": "openai", "base_url": "http://127.0.0.1:1/v1"}
    out["deployments"] = {name: {"provider": "sim", "model": name, "price": {"input": price[0], "output": price[1]}} for name, price in PRICES.items()}
    out["deployments"]["sim-gone"] = {"provider": "dead", "model": "gone", "price": {"input": 1, "output": 1}}
    out["tiers"] = list(TIERS)
    out["routes"] = {
        "chat": {
            "match": {"models": ["auto"]}, "tiers": {tier: [name] for tier, name in TIERS.items()}, "routers": routers, "cascade": {"verify": "checks"}, "record": "full",
            "quality": {"slo": [{"signal": "feedback", "value_min": 0.75}, {"signal": "refusal", "value_max": 0.02}]},
            "ensemble": {"share": 0.01, "cheap": "small", "strong": "large", "daily_budget_usd": 5, "picker": {"scorer": {"verify": "checks"}}},
            "experiment": {
                "name": "cheaper", "unit": [{"header": "x-user-id"}], "window": "0s", "treatment": {"routers": [{"fixed": {"tier": "small"}}]},
                "stages": [{"share": 0.5, "at_least": "1h"}, {"share": 1}], "guardrails": [{"signal": "refusal", "margin": 0.02}, {"signal": "error", "margin": 0.02}],
            },
        },
        "gone": {"match": {"models": ["gone"]}, "tiers": {"small": ["sim-gone"]}, "retry": {"attempts": 1}},
    }
    if key:
        out["admin"] = {"key": {"name": "ops", "sha256": hashlib.sha256(key.encode()).hexdigest()}}
    return out


def send_traffic(gateway, count=120):
    """Some requests of now, by users of both arms, and a deployment that fails."""

    def ask(user):
        body = {"model": "auto", "messages": [{"role": "user", "content": f"hello {user}"}]}
        request(gateway.port, "POST", "/v1/chat/completions", body, {"x-user-id": f"user-{user}"}, key=None)

    threads = [threading.Thread(target=lambda first=first: [ask(user) for user in range(first, count, 4)]) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(4):
        request(gateway.port, "POST", "/v1/chat/completions", {"model": "gone", "messages": [{"role": "user", "content": "x"}]}, key=None)


def full_gateway(provider_port, folder, key=ADMIN_KEY, count=900):
    """A gateway whose database has all of it."""
    folder.mkdir(exist_ok=True)
    made = lines(count)
    write_ledger(folder / "ledger", made)
    gateway = Gateway(config(provider_port, folder / "ledger", key), folder)
    send_traffic(gateway)
    status = lambda: request(gateway.admin_port, "GET", "/api/ui/overview?last=86400", key=None)  # noqa: E731
    wait_for(lambda: status()[0] == 200 and json.loads(status()[2])["total"]["requests"] >= count + 120, 30, "the database has the journal")
    return gateway
