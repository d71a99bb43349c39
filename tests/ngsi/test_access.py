"""The address of a broker: what cannot work is refused before anything is sent, and each part has one form."""

import pytest

from custom_components.three_phase_energy.ngsi.access import BrokerAddress
from custom_components.three_phase_energy.ngsi.errors import (
    BrokerRefusedError,
    InvalidServicePathError,
    InvalidTenantError,
    InvalidUrlError,
)


@pytest.mark.parametrize("url", ["http://orion:1026", "https://fiware.example/orion/", " http://[::1]:1026 "])
def test_http_and_https_are_taken_without_a_trailing_slash(url: str) -> None:
    assert BrokerAddress(url=url).url == url.strip().rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "orion:1026",
        "ftp://orion",
        "http://",
        "http://orion:99999",
        "http://user:secret@orion",
        "http://orion?a=1",
        "http://o#f",
        "http://[::1",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrlError):
        BrokerAddress(url=url)


def test_a_password_in_the_address_is_not_repeated() -> None:
    with pytest.raises(InvalidUrlError) as refused:
        BrokerAddress(url="http://user:secret@orion")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("tenant", ["a-b", "ä", "a b", "a/b", "x" * 51])
def test_a_tenant_that_orion_refuses_is_refused_here(tenant: str) -> None:
    with pytest.raises(InvalidTenantError, match="tenant"):
        BrokerAddress(url="http://orion", tenant=tenant)


@pytest.mark.parametrize("path", ["a", "/a-b", "/a//b", "/a,/b", "/#", "/" + "x" * 51, "/a" * 11])
def test_a_service_path_that_orion_refuses_is_refused_here(path: str) -> None:
    with pytest.raises(InvalidServicePathError, match="service path"):
        BrokerAddress(url="http://orion", service_path=path)


def test_tenant_and_service_path_have_one_form() -> None:
    address = BrokerAddress(url="http://orion", tenant="Site_1", service_path="/House/")
    assert (address.tenant, address.service_path) == ("site_1", "/House")
    assert BrokerAddress(url="http://orion", service_path="").service_path == "/"


def test_the_token_is_not_shown() -> None:
    assert "s3cret" not in repr(BrokerAddress(url="http://orion", token="s3cret"))


@pytest.mark.parametrize("token", ["", "a b", "a\nX-Evil: 1", "ä"])
def test_a_token_that_cannot_be_a_header_is_refused(token: str) -> None:
    with pytest.raises(BrokerRefusedError, match="token"):
        BrokerAddress(url="http://orion", token=token)
