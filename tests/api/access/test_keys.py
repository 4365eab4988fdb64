from services.api.access.keys import KeyRing, hashed, make_key, parse_bound_keys, parse_keys
from services.api.access.kinds import Kind


def ring(text: str) -> KeyRing:
    keys = parse_keys(text)
    assert isinstance(keys, tuple)
    return KeyRing({Kind.WRITE: keys})


def test_a_key_that_was_made_is_found_by_its_hash_and_by_itself() -> None:
    key, other = make_key(), make_key()
    assert key != other
    assert key not in hashed(key)
    for text in (key, hashed(key), f"{other},{hashed(key)}", f" {hashed(key)} ,\n{other}\n"):
        assert ring(text).find(key.encode()) is not None
        assert ring(text).find(f"{key}x".encode()) is None


def test_no_key_is_found_where_none_is_set() -> None:
    for text in ("", " , ", "\n"):
        assert not ring(text)
        assert ring(text).find(b"") is None


def test_a_key_that_is_made_is_bound_by_its_line() -> None:
    key = make_key()
    line = hashed(key, ["https://shop.example", "https://m.shop.example"])
    parsed = parse_bound_keys(line)
    assert isinstance(parsed, tuple)
    [bound] = parsed
    assert bound.origins == {"https://shop.example", "https://m.shop.example"}
    assert KeyRing({Kind.READ: parsed}).find(key.encode()) == (Kind.READ, bound)
