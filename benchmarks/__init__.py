"""How fast, against whom, measured in one run."""
