"""The best plan of a program, tier after tier, and what proves it: ``Search(program, …).run()``."""

from solver.search.certificate import Certificate
from solver.search.pivots import Known
from solver.search.search import Already, Found, Search

__all__ = ["Already", "Certificate", "Found", "Known", "Search"]
