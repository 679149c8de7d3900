"""What every rule module shares: the fault it reports and the sentences it says."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

FRENCH, ENGLISH = "fr", "en"


@dataclass(frozen=True, slots=True)
class Sentences:
    """One sentence in both languages, with the same {words} in each."""

    fr: str
    en: str

    def __post_init__(self) -> None:
        def words(text: str) -> set[str | None]:
            return {name for _, name, _, _ in Formatter().parse(text) if name}

        if words(self.fr) != words(self.en):
            raise ValueError(f"the languages name different things: {self.fr!r}, {self.en!r}")

    def said(self, language: str, words: dict[str, str]) -> str:
        """The sentence in "fr" or "en" with its words filled in. Raises ValueError for another language."""
        if language not in (FRENCH, ENGLISH):
            raise ValueError(f"no sentences in {language!r}")
        return (self.fr if language == FRENCH else self.en).format(**words)


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken instance of a rule: the rule's name, which instance (ids and dates), and its sentence.

    `words` are the ids, dates and numbers of the sentence, for a caller who has better names for them.
    """

    rule: str
    detail: str
    sentences: Sentences
    words: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence in French."""
        return self.said(FRENCH)

    def said(self, language: str) -> str:
        """The sentence in "fr" or "en"."""
        return self.sentences.said(language, dict(self.words))


def fault(rule: str, detail: str, sentences: Sentences, **words: object) -> Fault:
    """A fault, its words turned into text."""
    return Fault(rule, detail, sentences, tuple((name, str(word)) for name, word in words.items()))
