"""Google's Vertex AI: Gemini and Claude behind the tokens of a service account."""

import base64
import hashlib
import json
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from gateway import PROVIDER_KEY
from scripted.conforms import need
from scripted.exchange import Invalid
from scripted.gemini import Gemini
from scripted.messages import Messages
from upstream import response

PROJECT, LOCATION, ACCOUNT = "e2e-project", "europe-west4", "e2e@e2e-project.iam.gserviceaccount.com"


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class ServiceAccount:
    """Gives a token for a statement that its key has signed."""

    dialect = "vertex"

    def account(self, folder):
        """The file that is downloaded for a service account."""
        self.key = rsa.generate_private_key(65537, 2048)
        pem = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.token_uri = f"http://127.0.0.1:{self.port}/token"
        self.tokens = 0
        self.file = folder / f"{self.name}.json"
        content = {"type": "service_account", "project_id": PROJECT, "private_key_id": "1", "private_key": pem.decode(), "client_email": ACCOUNT,
                   "client_id": "1", "token_uri": self.token_uri}  # fmt: skip
        self.file.write_text(json.dumps(content))
        return self

    def config(self):
        return {"dialect": "vertex", "base_url": f"http://127.0.0.1:{self.port}", "project": PROJECT, "location": LOCATION,
                "credentials": {"file": str(self.file)}}  # fmt: skip

    def token(self):
        return hashlib.sha256(PROVIDER_KEY.encode() + self.name.encode()).hexdigest()

    def authorized(self, seen):
        return seen.field(b"authorization") == f"Bearer {self.token()}".encode() and seen.field(b"x-goog-api-key") is None

    def other(self, seen):
        if seen.line != b"POST /token HTTP/1.1":
            return super().other(seen)
        try:
            self.granted(seen)
        except (Invalid, ValueError, KeyError) as fault:
            self.faults.append(f"token: {fault}")
            return response(json.dumps({"error": "invalid_grant", "error_description": str(fault)}).encode(), status="400 Bad Request")
        self.tokens += 1
        return response(json.dumps({"access_token": self.token(), "expires_in": 3599, "token_type": "Bearer"}).encode())

    def granted(self, seen):
        form = dict(urllib.parse.parse_qsl(seen.body.decode(), strict_parsing=True))
        need(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer", form["grant_type"])
        head, claims, signature = form["assertion"].split(".")
        self.key.public_key().verify(unpadded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        head, claims = json.loads(unpadded(head)), json.loads(unpadded(claims))
        need(head["alg"] == "RS256" and claims["iss"] == ACCOUNT and claims["aud"] == self.token_uri, f"{head} {claims}")
        need("https://www.googleapis.com/auth/cloud-platform" in claims["scope"].split(), claims["scope"])
        need(time.time() - 60 < claims["iat"] <= time.time() + 5 and 0 < claims["exp"] - claims["iat"] <= 3600, f"{claims}")

    def at(self, publisher, method):
        return f"/v1/projects/{PROJECT}/locations/{LOCATION}/publishers/{publisher}/models/{self.model}:{method}"


class VertexGemini(ServiceAccount, Gemini):
    def path(self, seen, method):
        need(seen.line.split()[1].decode() in (self.at("google", method), self.at("google", method).replace("/v1/", "/v1beta1/")), f"{seen.line}")


class VertexClaude(ServiceAccount, Messages):
    def __init__(self, name, script):
        super().__init__(name, script)
        self.model = "claude-sonnet-4-5@20250929"

    def deployment(self):
        return {**super().deployment(), "publisher": "anthropic"}

    def other(self, seen):
        if seen.line.split()[1] == self.at("anthropic", "rawPredict").replace(self.model, "count-tokens").encode():
            return response(b'{"input_tokens": 77}')
        return super().other(seen)

    def path(self, seen, body):
        method = "streamRawPredict" if body.get("stream") else "rawPredict"
        need(urllib.parse.unquote(seen.line.split()[1].decode()) == self.at("anthropic", method), f"{seen.line}")
        need(body.get("anthropic_version") == "vertex-2023-10-16" and "model" not in body, f"{set(body)}")
        return {**{name: value for name, value in body.items() if name != "anthropic_version"}, "model": self.model}


