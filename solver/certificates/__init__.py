"""Bounds recomputed by code that shares nothing with the search: what it claims, and the recount that believes none of it."""

from solver.certificates.claims import Case, Claim, Cutting, Packing, Recomputed, Sum
from solver.certificates.recount import recompute

__all__ = ["Case", "Claim", "Cutting", "Packing", "Recomputed", "Sum", "recompute"]
