"""Is it alive, is it ready, what does it do: for whoever operates it."""
