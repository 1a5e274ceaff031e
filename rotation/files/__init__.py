"""Data sets in three dresses (workbook, CSV folder, JSON), templates and plan files: one table definition for all."""

from rotation.files.digest import digest
from rotation.files.read import read, read_bytes, read_json
from rotation.files.write import write

__all__ = ["digest", "read", "read_bytes", "read_json", "write"]
