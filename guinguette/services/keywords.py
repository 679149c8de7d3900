"""What people write to us by SMS: STOP, CONTACT, GUINGUETTE and a village; a host's OUI or NON.

Everything else is for nobody.

The provider's signature vouches for the sender's number, so an SMS is a consent that needs no code. What we answer
costs money and can be provoked by anybody: each kind of answer has its hourly limit by number, and a second delivery
of the same SMS (the provider repeats what was not acknowledged) is not read again.
"""

import datetime as dt
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy.orm import Session

from guinguette.adapters.phone_numbers import mobile
from guinguette.adapters.vault import Vault
from guinguette.domain.clock import Clock, today
from guinguette.domain.errors import InvalidInput
from guinguette.domain.text import fold, printable
from guinguette.models import Commune, Subscriber
from guinguette.publishing.answers import contact_text, help_text
from guinguette.publishing.tour import PublishedEvening
from guinguette.services import (
    agreeing,
    attempts,
    communes,
    finding,
    host_messages,
    host_sms,
    opting_out,
    published,
    rules,
    scopes,
    subscriptions,
)
from guinguette.services.agreeing import Proof
from guinguette.services.wording import translator

WORD = "GUINGUETTE"
#: What their SMS says, as the proof of consent keeps it.
_WORDING = (
    "SMS reçu : « {text} ». L’affiche dit : envoyez GUINGUETTE et votre village pour recevoir un SMS la veille des "
    "soirées, et un si elles changent. STOP arrête tout."
)
_WORDING_VERSION = "sms-1"
_ALIKE = 0.8
_LONGEST = 60
_MOST = 50
#: So many answers an hour does a host get: one for each of the dates that a village may be asked for.
_MOST_TO_HOSTS = 4
_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An SMS as the provider hands it over: its sender in E.164, its text, the provider's name for it."""

    number: str
    text: str
    provider_id: str


def receive(
    session: Session, sms: Received, *, who: str, phone: str, clock: Clock, vault: Vault, public_url: str
) -> bool:
    """Do what an SMS asks for; tell whether it may have been answered.

    ``who`` says who we are and how to reach us, for CONTACT; ``phone`` is the association's, "" where nobody has said.
    """
    word, _, rest = " ".join(printable(sms.text).split()).partition(" ")
    is_word = bool(get_close_matches(fold(word), [fold(WORD)], cutoff=_ALIKE))
    if opting_out.means_stop(rest if is_word else sms.text):  # « GUINGUETTE STOP » as well
        opting_out.stop_number(session, sms.number, said_by="sms", clock=clock, vault=vault)
        return False
    said = None if is_word else host_sms.read(sms.text)
    if not is_word and said is None and fold(word) != "contact":
        return False
    try:
        number = mobile(sms.number)
    except InvalidInput:  # a landline, another country, a short code: nobody whom we would write to
        return False
    desk = _Desk(session, number, clock, vault, public_url)
    hosts = host_sms.contacts(session, number, vault) if said else []
    if (said and not hosts) or not desk.first_time(sms):
        return False
    if said:
        reply, about = host_sms.answer(
            session, hosts, said, clock=clock, vault=vault, public_url=public_url, phone=phone
        )
        if desk.may_answer("host", _MOST_TO_HOSTS):
            host_messages.reply(session, hosts[0], reply, clock, about=about)
        return True
    if is_word:
        desk.subscribe(sms, rest[:_LONGEST])
    elif desk.may_answer("contact", 1):
        desk.answer(contact_text(who, url=public_url, translate=translator("fr")))
    return True


@dataclass(frozen=True, slots=True)
class _Desk:
    """Somebody who has written, and what we write back with."""

    session: Session
    number: str
    clock: Clock
    vault: Vault
    public_url: str

    def first_time(self, sms: Received) -> bool:
        """Tell whether the provider delivers this SMS for the first time."""
        return not sms.provider_id or self._count(f"received:{sms.provider_id}", _DAY) == 1

    def may_answer(self, kind: str, most: int) -> bool:
        """Tell whether this number has had fewer than ``most`` answers of a kind within the hour."""
        return self._count(f"answer:{kind}:{self.number}", _HOUR) <= most

    def _count(self, what: str, window: dt.timedelta) -> int:
        key = self.vault.fingerprint(what)
        return attempts.add(self.session, key, window=window, amount=1, clock=self.clock)

    def subscriber(self) -> Subscriber:
        """Return the row of this number."""
        return subscriptions.subscriber_of(self.session, self.number, "fr", clock=self.clock, vault=self.vault)

    def answer(self, text: str) -> None:
        """Queue an answer."""
        agreeing.answer(self.session, self.subscriber(), text, urgent=True, clock=self.clock)

    def subscribe(self, sms: Received, place: str) -> None:
        """Subscribe them to the evenings of a village, or say what was not understood."""
        day = today(self.clock)
        evenings = published.upcoming(published.latest(self.session), day)
        found, fault = village(self.session, place, evenings)
        if found is None:
            self._help(fault, place, evenings)
            return
        scope = _scope(found, evenings)
        subscriber = self.subscriber()
        proof = Proof(
            scope=scope,
            wording=_WORDING.format(text=" ".join(sms.text.split())[:_LONGEST]),
            wording_version=_WORDING_VERSION,
            channel="sms",
            evidence=f"SMS {sms.provider_id}".strip(),
            given_at=self.clock.now(),
        )
        agreeing.agree(self.session, subscriber, proof, clock=self.clock)
        opting_out.allow_again(self.session, [self.vault.fingerprint(self.number)])
        subscriber.phone_encrypted = self.vault.encrypt(self.number)
        if self.may_answer("welcome", rules.value(self.session, "codes_per_hour", day)):
            agreeing.welcome(
                self.session,
                subscriber,
                scope,
                signed=False,
                clock=self.clock,
                vault=self.vault,
                public_url=self.public_url,
            )

    def _help(self, fault: str, place: str, evenings: list[PublishedEvening]) -> None:
        if not self.may_answer("help", 1):
            return
        meant = finding.meant(place, evenings) if fault == "unknown" else None
        self.answer(
            help_text(
                "misspelt" if meant else fault,
                typed=place,
                village=meant.commune if meant else "",
                url=f"{self.public_url}/abonnement",
                translate=translator("fr"),
            )
        )


def village(session: Session, text: str, evenings: list[PublishedEvening]) -> tuple[Commune | None, str]:
    """Return the one commune that ``text`` names (name, its first words, postcode, INSEE code), or null and why not.

    Of several, the one where an evening is to come is meant, else the one of the departments that the tours go to.
    """
    if not fold(text):
        return None, "empty"
    coming = {evening.insee for evening in evenings}
    here = {insee[:2] for insee in coming}
    name = fold(" ".join(word for word in text.split() if not word[0].isdigit()))
    found = communes.search(session, text, limit=_MOST, first=here)
    whole = [c for c in found if not name or c.search_key == name]
    begun = [c for c in found if f"{c.search_key} ".startswith(f"{name} ")]
    for chosen in (
        [c for c in whole if c.insee == text.upper()],
        [c for c in whole if c.insee in coming],
        [c for c in whole if c.department in here],
        [c for c in begun if c.insee in coming],
        whole,
        [c for c in begun if c.department in here],
    ):
        if chosen:
            return (chosen[0], "") if len(chosen) == 1 else (None, "several")
    return None, "unknown"


def _scope(commune: Commune, evenings: list[PublishedEvening]) -> str:
    """Return what is of use to somebody of that village: its own evenings, where it has none those around it."""
    has_one = any(evening.insee == commune.insee for evening in evenings)
    if has_one or commune.lat is None:
        return f"commune:{commune.insee}"
    return f"near:{commune.insee}:{scopes.NEAR_KM}"
