import pytest
from pydantic import SecretStr

from services.api.access.user_signatures import Outdated, SignatureCheck, sign
from tests.api.keys import SIGNING_KEY


def test_the_message_is_the_one_that_is_documented() -> None:
    """As `printf 'sommelier-user\\n1767225600\\nU10001' | openssl dgst -sha256 -hmac kk…` has."""
    digits = "fd47b22c171f9d05572f4690d307c0585f78b1443da6e782c76af909b477bda9"
    assert sign("k" * 32, "U10001", 1767225600) == f"1767225600.{digits}"


def test_it_holds_until_its_second() -> None:
    now = [999.0]
    check = SignatureCheck([SecretStr(SIGNING_KEY)], clock=lambda: now[0])
    check.check(sign(SIGNING_KEY, "U1", 1000), "U1")
    now[0] = 1000
    with pytest.raises(Outdated, match="expired 0 s ago"):
        check.check(sign(SIGNING_KEY, "U1", 1000), "U1")


def test_without_keys_nothing_is_checked_by_it() -> None:
    assert not SignatureCheck([])
