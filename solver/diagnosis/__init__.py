"""Why the `must` rules cannot hold together, and what would make them.

``diagnose(county, policy)`` gives conflicts and ways out; ``apply(way, policy)`` the document of the changed policy.
"""

from solver.diagnosis.answer import Change, Conflict, Diagnosis, Member, Price, Shortfall, WayOut
from solver.diagnosis.diagnose import apply, conflict_of, diagnose

__all__ = [
    "Change",
    "Conflict",
    "Diagnosis",
    "Member",
    "Price",
    "Shortfall",
    "WayOut",
    "apply",
    "conflict_of",
    "diagnose",
]
