"""Diagnoses: why the `must` rules cannot hold together, and the ways out."""
