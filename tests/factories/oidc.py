"""A real OpenID Connect provider on this machine, which a test may let misbehave."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

Claims = dict[str, Any]
REDIRECT = "http://127.0.0.1:8460/sign-in/oidc/mock/back"


class Provider:
    """The provider's address, and what it should do wrong."""

    def __init__(self) -> None:
        self.issuer = ""
        self.change: Callable[[Claims], Claims] = lambda claims: claims
        """What happens to the claims of each ID token before it is signed (again)."""
        self.signs_with: Any = None
        """Another key to sign with than the published one."""
        self.challenges: dict[str, str] = {}
        self.verified: list[bool] = []
        self.credentials: list[str | None] = []
        self.discovered = 0
        self.is_rotating = False

    def put(self, subject: str, **claims: Any) -> None:
        """Set what the provider knows of a person."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def rotate(self) -> None:
        """Sign with a new key from the next request on, and publish it."""
        self.is_rotating = True

    def sign_in(self, url: str, subject: str, *, deny: bool = False) -> dict[str, str]:
        """Do what the person does at the provider; returns the parameters that the browser comes back with."""
        challenge = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        assert challenge["code_challenge_method"] == "S256"
        form = {"action": "deny"} if deny else {"sub": subject}
        answer = httpx.post(url, data=form)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == REDIRECT
        query = {k: v[0] for k, v in parse_qs(back.query).items()}
        if "code" in query:
            self.challenges[query["code"]] = challenge["code_challenge"]
        return query


@contextmanager
def running() -> Iterator[Provider]:
    """Run the provider for as long as the block lasts."""
    import flask
    import oidc_provider_mock
    import werkzeug.serving
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    provider, app = Provider(), oidc_provider_mock.app()

    @app.before_request
    def look() -> None:
        if provider.is_rotating:
            from authlib import jose

            provider.is_rotating = False
            flask.g.oidc_provider_mock_storage.jwk = jose.RSAKey.generate_key(is_private=True)
        if flask.request.path.endswith("openid-configuration"):
            provider.discovered += 1
        if flask.request.path == "/oauth2/token":
            digest = hashlib.sha256(flask.request.form["code_verifier"].encode()).digest()
            sent = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            provider.verified.append(provider.challenges.get(flask.request.form["code"]) == sent)
            given = flask.request.authorization
            provider.credentials.append(given.password if given else flask.request.form.get("client_secret"))

    @app.after_request
    def misbehave(response: Any) -> Any:
        if flask.request.path == "/oauth2/token" and response.status_code == 200:
            body = response.get_json()
            key = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
            token = jwt.decode(body["id_token"], key)
            claims = provider.change(dict(token.claims))
            body["id_token"] = jwt.encode(token.header, claims, provider.signs_with or key)
            response.set_data(flask.json.dumps(body))
        return response

    server = werkzeug.serving.make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    provider.issuer = f"http://localhost:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
