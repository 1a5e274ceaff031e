"""What an engine raises. A module of its own, for processes that must begin quickly."""


class EngineError(RuntimeError):
    """An engine gave up on what it was asked, or its process died: nothing is known of the answer."""
