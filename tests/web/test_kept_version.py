"""When the version of what is published is asked of the database, and when it is believed."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from guinguette.web import kept
from tests.fakes import Seconds


def test_the_version_is_asked_once_a_second_and_after_a_commit(session: Session) -> None:
    """However many requests come in, and never again from a second that a commit has ended."""
    asked: list[int] = []
    tick = Seconds()

    def read() -> int:
        asked.append(1)
        return len(asked)

    version = kept.Version(read, tick)
    assert [version.now(), version.now()] == [1, 1]
    session.connection()
    session.commit()
    assert [version.now(), version.now()] == [2, 2]
    tick.now += 0.99
    assert version.now() == 2
    tick.now += 0.01
    assert version.now() == 3


def test_without_a_database_nothing_is_believed(session: Session) -> None:
    """The view says what is wrong in its own way, and the version is asked again at once."""
    answers: list[Exception | str] = [OperationalError("SELECT", {}, Exception("gone")), "back"]

    def read() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    version = kept.Version(read, Seconds())
    assert version.now() is None
    assert version.now() == "back"
