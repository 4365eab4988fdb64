"""What a file leaves open, and somebody has to say before anything of it goes in."""

from collections.abc import Sequence

from shared.errors import SommelierError


class OpenQuestions(SommelierError):
    """A file that can be read in several ways, or in none without being told how."""


def require_answers(questions: Sequence[str]) -> None:
    """OpenQuestions where there are any."""
    if questions:
        raise OpenQuestions(
            "Nothing was imported, because this has to be said first:\n"
            + "\n".join(f"  - {question}" for question in questions)
        )
