"""What the SDK tests of calls that pass through unread share: a provider that has files and speech."""

import json
import random

from gateway import Gateway, config_for
from upstream import Upstream, response

UPLOAD = random.Random(1).randbytes(300_000)
SPEECH = random.Random(2).randbytes(500_000)


def answer(seen):
    if seen.line.startswith(b"POST /v1/files "):
        count = len(UPLOAD) if UPLOAD in seen.body else 0
        file = {"id": "file-1", "object": "file", "bytes": count, "created_at": 1, "filename": "notes.jsonl", "purpose": "batch", "status": "processed"}
        return response(json.dumps(file).encode())
    if seen.line.startswith(b"POST /v1/audio/speech "):
        return response(SPEECH, "audio/mpeg")
    return response(b'{"error":{"message":"no such path","type":"invalid_request_error","param":null,"code":null}}', status="404 Not Found")


def passthrough_gateway(folder):
    """Yields (gateway, upstream): /v1/files and /v1/audio go to `upstream`."""
    upstream = Upstream(answer)
    config = config_for(upstream.port)
    config["routes"]["passing"] = {"match": {"paths": ["/v1/files*", "/v1/audio/*"]}, "tiers": {"small": ["sim-small"]}}
    gateway = Gateway(config, folder)
    yield gateway, upstream
    assert gateway.stop() == 0, gateway.stderr()
    upstream.close()
