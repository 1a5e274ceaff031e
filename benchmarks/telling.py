"""What a run tells whoever started it: JSON lines on standard output."""

from __future__ import annotations

import json
import math
import sys
from typing import Any


def tell(**news: Any) -> None:
    """One line of news; numbers that JSON does not know become null."""
    sys.stdout.write(json.dumps(_plain(news), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
