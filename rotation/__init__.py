"""What is true: the county, the policy, the plan, and the checker that no solver can talk to."""

import os

# The workers are ours to share out: BLAS's own threads make a sum of 17 000 numbers take 8 ms on a busy machine, not 0.004.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
