"""Webhooks reach the public internet by https, and inside a network only what the operator named."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from headway.collaboration import AddressRefused
from headway.collaboration.addresses import allowed_of, check_address, read_target


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/x?y=1", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/a"]
)
def test_public_addresses_are_taken(url: str) -> None:
    assert read_target(url, ()).is_secure


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "ftp://example.com/", "https://", "https:///x", "example.com", "", "https://a b/",
        "https://user:secret@example.com/", "https://example.com/#x", "https://example.com:99999/", "https://a\\b.com/",
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/",
        "https://192.168.1.1/", "https://172.16.0.1/", "https://[fe80::1]/", "https://[fd00::1]/", "https://0.0.0.0/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://100.64.0.1/",
        "https://224.0.0.1/", "http://8.8.8.8/", "https://example.com/" + "a" * 3000,
    ],
)  # fmt: skip
def test_ways_inside_and_odd_forms_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        read_target(url, ())


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"])
def test_a_public_name_that_leads_inside_is_refused(address: str) -> None:
    target = read_target("https://hooks.example.com/", ())
    with pytest.raises(AddressRefused, match="private network"):
        check_address(target, ip_address(address), ())


def test_what_the_operator_named_is_reached_and_nothing_beside_it() -> None:
    allowed = allowed_of(" chat.internal, 10.1.0.0/16 ,192.168.0.7")
    check_address(read_target("http://chat.internal/hook", allowed), ip_address("10.9.9.9"), allowed)
    check_address(read_target("http://10.1.4.4:8080/", allowed), ip_address("10.1.4.4"), allowed)
    read_target("https://192.168.0.7/", allowed)
    for url in ("https://10.2.0.1/", "https://192.168.0.8/", "http://other.internal/"):
        with pytest.raises(AddressRefused) as refused:
            read_target(url, allowed)
        assert "HEADWAY_WEBHOOK_HOSTS" in str(refused.value.hint)
