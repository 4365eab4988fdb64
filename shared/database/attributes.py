"""What is declared of an item or a user as one text."""

import json
from collections.abc import Mapping
from typing import Any


def attributes_text(attributes: Mapping[str, Any]) -> str:
    """JSON in UTF-8, equal for equal attributes, whichever database gave them; "" for none."""
    if not attributes:
        return ""
    text = json.dumps(attributes, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate has no UTF-8
