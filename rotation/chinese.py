"""pydantic's complaints in Chinese: its own messages are English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAID: Mapping[str, str] = {
    "bool_type": "应为是或否 (true / false)",
    "dict_type": "应为一个表",
    "extra_forbidden": "不认识的键",
    "finite_number": "应为有限的数",
    "float_parsing": "应为数",
    "float_type": "应为数",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为以下之一: {expected}",
    "missing": "缺少此项",
    "model_attributes_type": "应为一个表",
    "model_type": "应为一个表",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "应为文字",
    "string_unicode": "含有无效字符",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "tuple_type": "应为列表",
}


def chinese(error: Mapping[str, Any]) -> str:
    """One of ``ValidationError.errors()`` in Chinese; pydantic's own words where none are known here."""
    try:
        said = SAID[error["type"]].format(**error.get("ctx", {}))
    except KeyError:
        return str(error["msg"]).removeprefix("Value error, ")
    return said.replace(" or ", " 或 ")
