"""The best plan of a program, tier after tier, and what proves it: ``Search(program, …).run()``."""

from solver.search.certificate import Certificate
from solver.search.first_plan import Already
from solver.search.pivots import Known
from solver.search.search import Found, Search

__all__ = ["Already", "Certificate", "Found", "Known", "Search"]
