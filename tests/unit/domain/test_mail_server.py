"""The address of the mail server (guinguette/domain/mail_server.py)."""

import pytest

from guinguette.domain.mail_server import MailServer, parse


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://anne%40example.org:p%3Ass@mail.example.org",
            MailServer(host="mail.example.org", port=587, security="starttls", user="anne@example.org",
                       password="p:ss", sender="anne@example.org"),
        ),
        (
            "smtps://user:secret@mail.example.org?from=bonjour@example.org",
            MailServer(host="mail.example.org", port=465, security="tls", user="user", password="secret",
                       sender="bonjour@example.org"),
        ),
        (
            "smtp://127.0.0.1:25?from=bonjour@example.org&starttls=no",
            MailServer(host="127.0.0.1", port=25, security="none", sender="bonjour@example.org"),
        ),
    ],
)  # fmt: skip
def test_each_part_is_read(url: str, server: MailServer) -> None:
    """Escaped letters too; the ports are those of submission."""
    assert parse(url) == server


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mail.example.org", "smtp://"),
        ("http://mail.example.org", "smtp://"),
        ("smtp://", "smtp://"),
        ("smtp://mail.example.org:port?from=a@example.org", "smtp://"),
        ("smtp://mail.example.org", "from="),
        ("smtp://mail.example.org?from=nobody", "from="),
        ("smtp://mail.example.org?from=a@example.org&tls=no", "starttls"),
        ("smtp://a:b@mail.example.org?from=a@example.org&starttls=no", "en clair"),
    ],
)
def test_what_cannot_be_meant_is_refused(url: str, named: str) -> None:
    """In a sentence that says what to write; a password never leaves in clear."""
    with pytest.raises(ValueError, match=named):
        parse(url)


def test_a_password_is_not_shown() -> None:
    """Whoever prints the value prints none."""
    assert "secret" not in repr(parse("smtps://user:secret@mail.example.org?from=a@example.org"))
