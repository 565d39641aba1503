"""W3C's trace context, and traces and metrics by OTLP/HTTP, against a scripted collector."""

import json
import time

import pytest

from gateway import wait_for
from test_ways_to_providers import ASK, answer, config, failing, records
from upstream import Upstream, response

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector(Upstream):
    def __init__(self, status="200 OK"):
        self.status = status
        super().__init__(lambda seen: response(b"{}", status=self.status))

    def bodies(self, path):
        return [json.loads(seen.body) for seen in self.requests if seen.line.split()[1].decode().endswith(path)]

    def spans(self):
        found = []
        for body in self.bodies("/v1/traces"):
            for resource in body["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    found += scope["spans"]
        return found


def value(attribute):
    kind, content = next(iter(attribute["value"].items()))
    return int(content) if kind == "intValue" else content


def attributes(thing):
    return {each["key"]: value(each) for each in thing["attributes"]}


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.close()


def otlp(collector, folder, **more):
    return {
        "ledger": {"dir": str(folder / "ledger")},
        "opentelemetry": {"endpoint": f"http://127.0.0.1:{collector.port}", "every": "100ms", "metrics_every": "100ms", **more},
    }


def ask(gateway, **headers):
    return gateway.request("POST", "/v1/chat/completions", ASK, {name.replace("_", "-"): text for name, text in headers.items()}, key=None)


def test_a_request_is_a_trace_of_its_attempts(start, tmp_path, collector):
    upstream = Upstream(failing({"a"}))
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider, {"order": "listed"}, **otlp(collector, tmp_path, headers={"x-tenant": "t-secret"})))
    status, headers, _ = ask(gateway, traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="vendor=1")
    assert status == 200
    wait_for(lambda: len(collector.spans()) == 3, 10, "the collector has three spans")
    root, first, second = collector.spans()
    assert {span["traceId"] for span in (root, first, second)} == {TRACE}
    assert (root["parentSpanId"], root["kind"], root["name"]) == (PARENT, 2, "triage /v1/chat/completions")
    assert [span["parentSpanId"] for span in (first, second)] == [root["spanId"]] * 2
    assert [(span["kind"], span["name"]) for span in (first, second)] == [(3, "chat a"), (3, "chat b")]
    assert first["status"]["code"] == 2 and attributes(first)["error.type"] == "upstream_error"
    assert second["status"] == {}
    seen = attributes(second)
    assert (seen["gen_ai.operation.name"], seen["gen_ai.provider.name"], seen["gen_ai.request.model"]) == ("chat", "p", "b")
    assert (seen["gen_ai.usage.input_tokens"], seen["gen_ai.usage.output_tokens"]) == (10, 5)
    assert (seen["server.address"], seen["server.port"]) == ("127.0.0.1", upstream.port)
    assert (seen["triage.purpose"], seen["triage.cause"], seen["triage.tier"]) == ("answer", "fallback", "large")
    assert seen["triage.cost_usd"] == pytest.approx(15e-6)
    assert attributes(root)["triage.request_id"] == headers["x-request-id"]
    assert root["events"][0]["name"] == "triage.router"
    for span in (first, second):
        assert int(root["startTimeUnixNano"]) <= int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert int(span["endTimeUnixNano"]) <= int(root["endTimeUnixNano"])
    # What the provider was told is the span that the collector has.
    told = [request.field(b"traceparent").decode() for request in upstream.requests]
    assert told == [f"00-{TRACE}-{span['spanId']}-01" for span in (first, second)]
    assert upstream.requests[0].field(b"tracestate") == b"vendor=1"
    export = next(request for request in collector.requests if request.line.startswith(b"POST /v1/traces"))
    assert export.field(b"content-type") == b"application/json" and export.field(b"x-tenant") == b"t-secret"
    assert "t-secret" not in gateway.stderr()
    assert attributes(json.loads(export.body)["resourceSpans"][0]["resource"])["service.name"] == "triage"
    record = records(tmp_path / "ledger")[0]
    assert (record["trace_id"], record["trace_parent"], record["trace_sampled"]) == (TRACE, PARENT, True)
    assert gateway.logs(f"trace_id={TRACE}")
    upstream.close()


def test_calls_are_counted_by_the_conventions(start, tmp_path, collector):
    upstream = Upstream(failing({"a"}))
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider, {"order": "listed"}, **otlp(collector, tmp_path, traces=False)))
    for _ in range(3):
        assert ask(gateway)[0] == 200

    def figures():
        bodies = collector.bodies("/v1/metrics")
        if not bodies:
            return {}
        metrics = bodies[-1]["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
        return {metric["name"]: metric["histogram"] for metric in metrics}

    def count(name, **wanted):
        points = figures().get(name, {"dataPoints": []})["dataPoints"]
        wanted = {key.replace("__", "."): each for key, each in wanted.items()}
        return sum(int(point["count"]) for point in points if wanted.items() <= attributes(point).items())

    duration, tokens = "gen_ai.client.operation.duration", "gen_ai.client.token.usage"
    wait_for(lambda: count(duration, gen_ai__request__model="b") == 3, 10, "the collector has three calls")
    assert count(duration, gen_ai__request__model="a", error__type="upstream_error") >= 1
    assert count(tokens, gen_ai__token__type="input") == count(tokens, gen_ai__token__type="output") == 3
    used = figures()[tokens]
    assert used["aggregationTemporality"] == 2
    for point in used["dataPoints"]:
        assert len(point["bucketCounts"]) == len(point["explicitBounds"]) + 1
        assert sum(map(int, point["bucketCounts"])) == int(point["count"])
        assert point["sum"] == int(point["count"]) * (10 if attributes(point)["gen_ai.token.type"] == "input" else 5)
    assert not collector.bodies("/v1/traces")
    upstream.close()


def test_what_is_not_sampled_is_not_sent(start, tmp_path, collector):
    upstream = Upstream(lambda seen: answer())
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider, **otlp(collector, tmp_path, metrics=False, sample=0)))
    assert ask(gateway)[0] == 200
    assert ask(gateway, traceparent=f"00-{TRACE}-{PARENT}-00")[0] == 200
    assert ask(gateway, traceparent=f"00-{TRACE}-{PARENT}-01")[0] == 200
    wait_for(collector.spans, 10, "the collector has the one that is sampled")
    time.sleep(0.3)
    assert len(collector.spans()) == 2
    told = [request.field(b"traceparent").decode() for request in upstream.requests]
    assert [each[-2:] for each in told] == ["00", "00", "01"]
    upstream.close()


def test_without_it_a_client_has_its_trace_all_the_same(start, tmp_path):
    upstream = Upstream(lambda seen: answer())
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider, ledger={"dir": str(tmp_path / "ledger")}))
    assert ask(gateway)[0] == 200
    assert ask(gateway, traceparent=f"00-{TRACE}-{PARENT}-01")[0] == 200
    assert ask(gateway, traceparent=f"00-{TRACE}-{'0' * 16}-01", tracestate="vendor=1")[0] == 200
    told = [request.field(b"traceparent") for request in upstream.requests]
    assert told[0] is None and told[2] is None and upstream.requests[2].field(b"tracestate") is None
    assert told[1].startswith(f"00-{TRACE}-".encode()) and PARENT.encode() not in told[1]
    wait_for(lambda: len(records(tmp_path / "ledger")) == 3, 10, "the journal has the requests")
    assert [record.get("trace_id") for record in records(tmp_path / "ledger")] == [None, TRACE, None]
    upstream.close()


def test_a_collector_that_fails_costs_nothing_but_what_it_missed(start, tmp_path):
    upstream = Upstream(lambda seen: answer())
    collector = Collector("503 No")
    provider = {"base_url": f"http://127.0.0.1:{upstream.port}/v1"}
    gateway = start(config(provider, **otlp(collector, tmp_path, metrics=False, queue=5, batch=2)))
    for _ in range(30):
        assert ask(gateway)[0] == 200
    wait_for(lambda: gateway.metric("triage_otlp_dropped_total") >= 20, 15, "what is too much is dropped")
    collector.status = "200 OK"
    wait_for(lambda: gateway.metric("triage_otlp_sent_total") > 0, 40, "it is tried again")
    collector.close()
    upstream.close()
