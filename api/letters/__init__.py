"""Decision letters: one page a teacher, as docx."""

from api.letters.content import Office
from api.letters.writer import letter, letters, letters_zip

__all__ = ["Office", "letter", "letters", "letters_zip"]
