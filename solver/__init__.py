"""How a best plan is found. OR-Tools lives here and nowhere else."""
