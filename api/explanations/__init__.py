"""Explanations over HTTP: a teacher, a school, chains, letters."""
