"""What is true: the county, the policy, the plan, and the checker that no solver can talk to."""
