"""The grammar of a question: from text to what is asked of the core."""

from bot.question.grammar import Names, parse_question
from bot.question.words import QuestionError

__all__ = ["Names", "QuestionError", "parse_question"]
