"""A ledger's directory written without a gateway: lines of the journal with their numbers and checksums."""

import json

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def line(members, seq):
    """One line; `members` follow `v`."""
    body = json.dumps({"v": 1, **members}, separators=(",", ":"))[:-1].encode() + b',"seq":%d' % seq
    return body + b',"crc32c":"%08x"}\n' % crc32c(body)


def write_ledger(folder, lines):
    """`lines`: bytes, or the members of lines, which are then numbered."""
    (folder / "journal").mkdir(parents=True, exist_ok=True)
    whole = [each if isinstance(each, bytes) else line(each, number) for number, each in enumerate(lines, 1)]
    (folder / "journal" / "00000001.jsonl").write_bytes(b"".join(whole))
    return folder


def request(number, **changes):
    """The record of a request that a route of two tiers answered with the lower one."""
    tier = changes.pop("tier", "small")
    cost = changes.pop("cost", 1_000_000 if tier == "small" else 10_000_000)
    deployment = changes.pop("deployment", "cheap" if tier == "small" else "dear")
    tokens = changes.pop("tokens", {"input": 100, "output": 50})
    attempt = {"purpose": "answer", "cause": "first", "deployment": deployment, "provider": "p", "model": deployment, "tier": tier}
    attempt |= {"status": 200, "error": None, "start_ms": 0.1, "latency_ms": 9.0, "tokens": tokens, "usage_source": "reported"}
    attempt |= {"cost_nano_usd": cost, "end": "completed"}
    record = {"id": f"req_{number}", "time_unix_ms": changes.pop("time_unix_ms", 1_796_000_000_000 + number * 1000), "key": None, "route": "chat"}
    record |= {"config_version": "none", "model_requested": "auto", "path": "/v1/chat/completions", "chain": [], "tier": tier, "attempts": [attempt]}
    record |= {"outcome": "ok", "status": 200, "finish_reason": "stop", "streamed": False, "cancelled": False, "latency_ms": 10.0}
    record |= {"cost_nano_usd": cost, "frontier_cost_nano_usd": 10_000_000, "experiment": None, "signals": {"refusal": False}}
    return record | changes
