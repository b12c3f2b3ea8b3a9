"""OpenID Connect providers over HTTP: what they publish, the exchange of a code, the check of an ID token.

Sources: OpenID Connect Core 1.0 (3.1.3.7 on ID tokens), Discovery 1.0, RP-Initiated Logout 1.0, RFC 7636 (PKCE), RFC 9207.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from headway.identity.entities import IdentityProvider
from headway.identity.errors import OidcRefused, ProviderUnavailable
from headway.identity.providers import is_safe_address
from headway.kernel import clock

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySet
    from joserfc.jwt import Token

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Only signatures with a published key: neither ``none`` nor ones made with the client secret."""
SKEW = timedelta(seconds=60)
KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
TIMEOUT_S = 10.0
LARGEST = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a provider publishes about itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    challenge_methods: tuple[str, ...]
    token_auth_methods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a code was exchanged for."""

    id_token: str
    access_token: str


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    value: Any


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget what providers published."""
    with _lock:
        _kept.clear()


def discover(issuer: str, *, fresh: bool = False) -> Metadata:
    """Read what a provider publishes, at most once an hour; raises ProviderUnavailable."""
    address = issuer.rstrip("/") + "/.well-known/openid-configuration"
    body = _published(address, KEPT if not fresh else timedelta(0))
    if body.get("issuer") != issuer:
        raise ProviderUnavailable(
            f"{address} is of the issuer {body.get('issuer')!r}, not of {issuer!r}",
            hint="write the issuer exactly as the provider publishes it, also the slash at its end",
        )
    needed = {name: str(body.get(name) or "") for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    further = {name: body.get(name) for name in ("userinfo_endpoint", "end_session_endpoint")}
    named = {**needed, **{name: str(value) for name, value in further.items() if value}}
    if wrong := [name for name, value in named.items() if not is_safe_address(value)]:
        raise ProviderUnavailable(f"{address} names no encrypted address for {', '.join(wrong)}")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=named["authorization_endpoint"],
        token_endpoint=named["token_endpoint"],
        jwks_uri=named["jwks_uri"],
        userinfo_endpoint=named.get("userinfo_endpoint"),
        end_session_endpoint=named.get("end_session_endpoint"),
        challenge_methods=tuple(body.get("code_challenge_methods_supported") or ()),
        token_auth_methods=tuple(body.get("token_endpoint_auth_methods_supported") or ("client_secret_basic",)),
    )


def authorization_url(
    provider: IdentityProvider, metadata: Metadata, *, state: str, nonce: str, verifier: str, redirect_uri: str
) -> str:
    """Write the address at the provider that the browser is sent to."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    url: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect_uri,
        scope=" ".join(provider.scopes),
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return url


def exchange(
    provider: IdentityProvider, metadata: Metadata, *, secret: str | None, code: str, verifier: str, redirect_uri: str
) -> Tokens:
    """Exchange a code for tokens; raises OidcRefused, ProviderUnavailable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    basic = None
    if secret is not None and "client_secret_basic" in metadata.token_auth_methods:
        basic = (quote(provider.client_id, safe=""), quote(secret, safe=""))  # RFC 6749, section 2.3.1
    elif secret is not None:
        form["client_secret"] = secret
    with _http() as http:
        answer = _send(http, "POST", metadata.token_endpoint, data=form, auth=basic)
    body = _object(answer, metadata.token_endpoint)
    if answer.status_code >= 500:
        raise ProviderUnavailable(f"{metadata.token_endpoint} answered {answer.status_code}")
    if answer.is_error or not isinstance(body.get("id_token"), str):
        told = str(body.get("error") or "no ID token")[:100]
        raise OidcRefused(f"{provider.label} gave no ID token: {told}", values={"rule": "code-exchange"})
    return Tokens(id_token=str(body["id_token"]), access_token=str(body.get("access_token") or ""))


def read_id_token(provider: IdentityProvider, metadata: Metadata, tokens: Tokens, *, nonce: str) -> dict[str, Any]:
    """Check an ID token's signature, issuer, audience, times and nonce; returns its claims. Raises OidcRefused."""
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    try:
        token = _verified(metadata.jwks_uri, tokens.id_token)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "sub": {"essential": True},
            },
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": tokens.access_token},
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=int(SKEW.total_seconds()))
    except (JoseError, ValueError) as error:
        told = str(error) or type(error).__name__
        raise OidcRefused(
            f"the ID token of {provider.label} is not accepted: {told}",
            hint="sign in again; if it goes on, tell the operator to compare the clocks and run headway provider test",
            values={"rule": "id-token"},
        ) from error
    return dict(claims)


def read_userinfo(metadata: Metadata, tokens: Tokens, *, subject: str) -> dict[str, Any]:
    """Read more claims about the same person; nothing where the provider has no such endpoint."""
    if metadata.userinfo_endpoint is None or not tokens.access_token:
        return {}
    with _http() as http:
        headers = {"authorization": f"Bearer {tokens.access_token}"}
        answer = _send(http, "GET", metadata.userinfo_endpoint, headers=headers)
    if answer.is_error:
        return {}
    body = _object(answer, metadata.userinfo_endpoint)
    return body if body.get("sub") == subject else {}


def logout_url(provider: IdentityProvider, metadata: Metadata, *, return_to: str) -> str | None:
    """Write the address at which a person ends their session at the provider too; None where it has none."""
    if metadata.end_session_endpoint is None:
        return None
    asked = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": return_to})
    joint = "&" if "?" in metadata.end_session_endpoint else "?"
    return f"{metadata.end_session_endpoint}{joint}{asked}"


def read_keys(jwks_uri: str, *, older_than: timedelta = KEPT) -> KeySet:
    """Read a provider's keys, unless they were read more recently; raises ProviderUnavailable."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    body = _published(jwks_uri, older_than)
    try:
        # A key of a kind not known here must not spoil those that are.
        known = [key for key in body.get("keys", ()) if key.get("kty") in ("RSA", "EC", "OKP")]
        return KeySet.import_key_set({"keys": known})
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise ProviderUnavailable(f"{jwks_uri} holds no usable keys: {error}") from error


def _verified(jwks_uri: str, id_token: str) -> Token:
    """Check a signature; a key that is not known or does not fit is looked for again, at most once a minute."""
    from joserfc import jwt
    from joserfc.errors import BadSignatureError, InvalidKeyIdError

    try:
        return jwt.decode(id_token, read_keys(jwks_uri), algorithms=ALGORITHMS)
    except (BadSignatureError, InvalidKeyIdError, ValueError):
        return jwt.decode(id_token, read_keys(jwks_uri, older_than=AGAIN), algorithms=ALGORITHMS)


def _published(address: str, longest: timedelta) -> Mapping[str, Any]:
    now = clock.now()
    with _lock:
        kept = _kept.get(address)
    if kept is not None and timedelta(0) <= now - kept.at < longest:
        found: Mapping[str, Any] = kept.value
        return found
    with _http() as http:
        answer = _send(http, "GET", address)
    if answer.is_error:
        raise ProviderUnavailable(f"{address} answered {answer.status_code}", hint="is the issuer right?")
    body = _object(answer, address)
    with _lock:
        _kept[address] = _Kept(now, body)
    return body


def _http() -> httpx.Client:
    import httpx

    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, headers={"accept": "application/json"})


def _send(http: httpx.Client, method: str, address: str, **options: Any) -> httpx.Response:  # noqa: ANN401  for httpx
    import httpx

    try:
        return http.request(method, address, **options)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderUnavailable(
            f"{address} does not answer: {error}", hint="try again, or sign in another way"
        ) from error


def _object(answer: httpx.Response, address: str) -> dict[str, Any]:
    try:
        body = answer.json() if len(answer.content) <= LARGEST else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ProviderUnavailable(f"{address} answered {answer.status_code} without a JSON object")
    return body
