"""A security key made of paper: answers what a browser's would, so that passkeys are tried without a browser."""

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT_AND_VERIFIED, WITH_KEY = 0x05, 0x40


def _words(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PaperKey:
    """One passkey for one site, at an origin."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.id = secrets.token_bytes(16)
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.user: str | None = None
        self.count = 0

    def made(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers when asked to make one."""
        told = options["publicKey"]
        self.user = told["user"]["id"]
        key = cbor.encode(dict(ES256.from_cryptography_key(self.secret.public_key())))  # type: ignore[no-untyped-call]  # it has no types
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._data(told["rp"]["id"], PRESENT_AND_VERIFIED | WITH_KEY) + attested
        response = {
            "clientDataJSON": _words(self._client("webauthn.create", told["challenge"])),
            "attestationObject": _words(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def shown(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers when asked for one."""
        told = options["publicKey"]
        client = self._client("webauthn.get", told["challenge"])
        data = self._data(told["rpId"], PRESENT_AND_VERIFIED)
        signature = self.secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _words(client),
            "authenticatorData": _words(data),
            "signature": _words(signature),
            "userHandle": self.user,
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        word = _words(self.id)
        return {"id": word, "rawId": word, "type": "public-key", "clientExtensionResults": {}, "response": response}

    def _client(self, kind: str, challenge: str) -> bytes:
        facts = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(facts).encode()

    def _data(self, site: str, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")


def kept(key: PaperKey, *, user_id: str = "MQ") -> dict[str, Any]:
    """What the studio stores of such a key, for a row made by hand."""
    options = {"publicKey": {"user": {"id": user_id}, "rp": {"id": "localhost"}, "challenge": _words(b"challenge")}}
    return {"name": "Paper", "credential": key.made(options)}
