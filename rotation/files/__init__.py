"""Data sets in three dresses (workbook, CSV folder, JSON), templates and plan files: one table definition for all."""

from rotation.files.digest import digest
from rotation.files.plan import plan_to_json, read_plan, write_plan
from rotation.files.read import read, read_bytes, read_json
from rotation.files.template import write_template
from rotation.files.write import write

__all__ = [
    "digest",
    "plan_to_json",
    "read",
    "read_bytes",
    "read_json",
    "read_plan",
    "write",
    "write_plan",
    "write_template",
]
