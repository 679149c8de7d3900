"""What leaves for a row of the outbox."""

from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.services import host_links, letters
from tests import factories as make
from tests.fakes import PUBLIC_URL, FixedClock


def test_a_personal_link_exists_only_in_what_leaves(session: Session, clock: FixedClock, vault: Vault) -> None:
    """The row has a placeholder as long as the token; each time it leaves, another token opens the same village."""
    contact = make.make_contact(session, phone_encrypted=vault.encrypt("+33639980001"), email="p@example.org")
    body = f"Répondez ici : {host_links.placeholder_url(PUBLIC_URL)} STOP : x"
    for channel in ("sms", "email"):
        row = make.make_message(session, subscriber=None, contact=contact, kind="dates", body=body, channel=channel)
        letter = letters.write(session, row, vault=vault, public_url=PUBLIC_URL)
        text = letter.body if isinstance(letter, letters.Sms) else letter.email.text
        token = text.split("/comite/")[1].split()[0]
        assert host_links.find(session, token, clock).contact is contact
        assert row.body == body
        assert len(text) == len(body)
        if isinstance(letter, letters.Letter):
            assert token in letter.email.html
