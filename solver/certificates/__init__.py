"""Bounds recomputed by code that shares nothing with the search: what it claims, and the recount that believes none of it."""

from solver.certificates.claims import Case, Claim, Cutting, Recomputed, Sum
from solver.certificates.recount import recompute

__all__ = ["Case", "Claim", "Cutting", "Recomputed", "Sum", "recompute"]
