"""Why this teacher, why not that one, and who would go instead."""

from solver.explanation.explainer import Explainer, explain

__all__ = ["Explainer", "explain"]
