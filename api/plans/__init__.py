"""Plans over HTTP: start, watch, stop, read, check."""
