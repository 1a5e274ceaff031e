"""The best plan of a program, tier after tier, and what proves it: ``searched(program, …)``."""

from solver.search.certificate import Certificate
from solver.search.found import Already, Found
from solver.search.passes import searched
from solver.search.pivots import Known
from solver.search.search import Search

__all__ = ["Already", "Certificate", "Found", "Known", "Search", "searched"]
