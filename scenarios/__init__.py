"""What if: counties to try, edits, runs of many, comparisons."""
