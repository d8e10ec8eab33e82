"""An organization that knows who people are, over real HTTP: discovery, token, userinfo (OpenID Connect, code flow).

A test plays the browser: it reads the address the studio sends people to, has `approve` answer for the person, and
follows the address that gives. Codes work once, for the client and the verifier they were made for.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt

from generations.models import clock

CLIENT, SECRET = "the-studio", "a secret between the two"


class Organization:
    """Say who the next person is with `claims`; `broken` makes it answer nonsense.

    It tells when it asked the person, if that is wanted: just now, or `knows_since` so many seconds whatever is asked.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.broken = False
        self.knows_since = 0
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, dict[str, Any]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "Organization":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def approve(self, address: str) -> str:
        """The person at that address says yes; returns where their browser is sent."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _told(self, method: str, path: str, body: bytes, bearer: str) -> tuple[int, Any]:
        self.asked.append(path)
        if self.broken:
            return 500, {"error": "server_error"}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if (method, path) == ("POST", "/token"):
            return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        if path == "/userinfo" and bearer in self._tokens:
            return 200, self._tokens[bearer]
        return 404, {"error": "not_found"}

    def _token(self, facts: dict[str, str]) -> tuple[int, Any]:
        asked = self._codes.pop(facts.get("code", ""), None)
        verifier = hashlib.sha256(facts.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or (facts.get("client_id"), facts.get("client_secret")) != (CLIENT, SECRET)
            or facts.get("redirect_uri") != asked["redirect_uri"]
            or base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        token = secrets.token_urlsafe(16)
        self._tokens[token] = self.claims
        now = int(time.time())
        facts_of_person: dict[str, Any] = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": self.claims["sub"],
            "iat": now,
            "exp": now + 300,
        }
        if "max_age" in asked:
            facts_of_person["auth_time"] = int(clock.now().timestamp()) - self.knows_since
        id_token = jwt.encode(facts_of_person, "a key as long as the standard wants it to be", algorithm="HS256")
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        organization = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                status, told = organization._told(self.command, urlsplit(self.path).path, body, bearer)
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
