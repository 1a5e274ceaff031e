"""The ways in: HTTP, pages, command line."""
