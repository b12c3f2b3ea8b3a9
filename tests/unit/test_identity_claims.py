"""Claims of a provider as facts, and what follows from groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from headway.identity import GroupRole, IdentityProvider, OidcRefused, Role
from headway.identity.claims import Facts, check_domain, has_all, read_claims, roles_of
from headway.identity.providers import is_safe_address, local_path
from headway.kernel.auth import RoleGrant

PROVIDER = IdentityProvider(
    id="work",
    label="Work",
    issuer="https://id.example.org",
    client_id="headway",
    secret_name=None,
    scopes=("openid",),
    groups_claim="groups",
    group_roles=(),
    creates_people=True,
    mail_domains=(),
    trusts_mail=False,
    source="api",
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
)


def facts(groups_claim: str = "groups", **claims: object) -> Facts:
    return read_claims({"sub": "42", **claims}, groups_claim=groups_claim)


def test_facts_are_read_in_their_common_forms() -> None:
    found = facts(name=" Ada Lovelace ", email="Ada@Example.org", email_verified=True, groups=["a", "b", "a"])
    assert found == Facts(
        subject="42", name="Ada Lovelace", email="ada@example.org", is_mail_verified=True, groups=frozenset({"a", "b"})
    )


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"given_name": "Ada", "family_name": "Lovelace"}, "Ada Lovelace"),
        ({"family_name": "Lovelace"}, "Lovelace"),
        ({"preferred_username": "ada"}, "ada"),
        ({"email": "ada@example.org"}, "ada@example.org"),
        ({"name": "   "}, "42"),
        ({"name": "x" * 500}, "x" * 200),
    ],
)
def test_a_name_is_found_where_it_is(claims: dict[str, object], name: str) -> None:
    assert facts(**claims).name == name


@pytest.mark.parametrize(
    ("claims", "is_verified"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": False}, False),
        ({"email_verified": "false"}, False),
        ({"email_verified": "yes"}, False),
        ({}, False),
        ({"xms_edov": True}, True),
        ({"xms_edov": "1"}, True),
        ({"xms_edov": False}, False),
    ],
)
def test_an_address_is_verified_only_when_it_is_said(claims: dict[str, object], is_verified: bool) -> None:
    assert facts(email="ada@example.org", **claims).is_mail_verified is is_verified


def test_what_is_no_address_is_none_and_never_verified() -> None:
    for wrong in (None, "", "ada", 3, ["ada@example.org"], "a b@x.org"):
        found = facts(email=wrong, email_verified=True)
        assert (found.email, found.is_mail_verified) == (None, False)


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": "one"}, {"one"}),
        ("groups", {"groups": []}, set()),
        ("groups", {}, set()),
        ("groups", {"groups": {"a": 1}}, set()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("realm_access.roles", {"realm_access": "x"}, set()),
        ("https://example.org/groups", {"https://example.org/groups": ["a"]}, {"a"}),
        ("groups", {"_claim_names": {"groups": "src1"}}, None),
        ("groups", {"hasgroups": True}, None),
        ("groups", {"hasgroups": True, "groups": ["a"]}, {"a"}),
        ("groups", {"_claim_names": {"others": "src1"}}, set()),
    ],
)
def test_groups_are_found_where_the_claim_says(claim: str, claims: dict[str, object], groups: set[str] | None) -> None:
    assert facts(claim, **claims).groups == (None if groups is None else frozenset(groups))


def test_roles_follow_from_groups_by_their_exact_names() -> None:
    mapping = (
        GroupRole(group="ds", role=Role.data_scientist, department="sales"),
        GroupRole(group="ds", role=Role.employee),
        GroupRole(group="boss", role=Role.ai_office),
        GroupRole(group="heads", role=Role.employee),
    )
    assert roles_of(["ds", "heads", "DS", "bos"], mapping) == {
        RoleGrant(role="data_scientist", department="sales"),
        RoleGrant(role="employee"),
    }
    assert roles_of([], mapping) == frozenset()


def test_only_verified_addresses_of_the_domains_are_let_in() -> None:
    limited = replace(PROVIDER, mail_domains=("example.org", "example.com"))
    good = facts(email="ada@example.com", email_verified=True)
    check_domain(limited, good)
    check_domain(PROVIDER, facts())
    refused = [
        facts(email="ada@sub.example.com", email_verified=True),
        facts(email="ada@evilexample.com", email_verified=True),
        facts(email="ada@example.com"),
        facts(),
    ]
    for found in refused:
        with pytest.raises(OidcRefused) as told:
            check_domain(limited, found)
        assert told.value.values == {"rule": "mail-domain"}


def test_more_is_asked_for_only_when_something_is_missing() -> None:
    whole = {"email": "a@b.org", "email_verified": True, "groups": []}
    assert has_all(whole, groups_claim="groups", wants_groups=True)
    for missing in whole:
        less = {name: value for name, value in whole.items() if name != missing}
        assert not has_all(less, groups_claim="groups", wants_groups=True)
    assert has_all({"email": "a@b.org", "email_verified": False}, groups_claim="groups", wants_groups=False)


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://id.example.org", True),
        ("http://id.example.org", False),
        ("http://localhost:1", True),
        ("http://127.0.0.1:1/x", True),
        ("http://[::1]:1", True),
        ("http://localhost.evil.org", False),
        ("https://", False),
        ("ftp://localhost", False),
        ("id.example.org", False),
        ("", False),
    ],
)
def test_addresses_are_encrypted_or_here(address: str, is_safe: bool) -> None:
    assert is_safe_address(address) is is_safe


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/models/x?a=1#b", "/models/x?a=1#b"),
        ("https://evil.example.org", "/"),
        ("//evil.example.org", "/"),
        ("/\\evil.example.org", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_goes_on_to_a_page_of_ours_only(asked: str, kept: str) -> None:
    assert local_path(asked) == kept
