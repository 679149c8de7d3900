"""What people write by SMS: subscribed by their own number, answered once, and never flooded."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from guinguette.adapters.vault import Vault
from guinguette.models import Consent, Message, Opposition, Subscriber, Subscription
from guinguette.publishing.answers import contact_text, help_text, welcome_text
from guinguette.publishing.messages import segments
from guinguette.services import keywords, opting_out, sending, subscriptions
from guinguette.services.wording import translator
from tests.factories import make_commune, make_evening, make_publication, make_tour
from tests.fakes import PUBLIC_URL, FakeSms, FixedClock, only_sms

NUMBER = "+33639981234"
WHO = "Association du Der, 03 53 01 42 18"

Write = Callable[..., str]


@pytest.fixture
def write(session: Session, clock: FixedClock, vault: Vault) -> Write:
    """Somebody writes; what was queued for them comes back."""
    tour = make_tour(session)
    eclaron = make_commune(
        session, insee="52182", name="Éclaron-Braucourt", department="52", postcodes="52290", lat=48.5, lon=4.8
    )
    for insee, name, department, postcodes in (
        ("52500", "Valcourt", "52", "52100"),
        ("52448", "Saint-Dizier", "52", "52100 52290"),
        ("10338", "Saint-Martin", "10", "10100"),
        ("33441", "Saint-Martin", "33", "33490"),
        ("62758", "Saint-Martin", "62", "62500"),
        ("34276", "Ailleurs", "34", "34000"),
    ):
        make_commune(session, insee=insee, name=name, department=department, postcodes=postcodes, lat=48.6, lon=4.9)
    make_publication(session, tour=tour, evenings=[make_evening(session, tour=tour, commune=eclaron)])
    received = iter(range(1000))

    def wrote(text: str, *, number: str = NUMBER, provider_id: str = "") -> str:
        before = set(session.scalars(select(Message.id)))
        sms = keywords.Received(number=number, text=text, provider_id=provider_id or f"SM{next(received)}")
        keywords.receive(session, sms, who=WHO, phone="", clock=clock, vault=vault, public_url=PUBLIC_URL)
        session.commit()
        new = [m for m in session.scalars(select(Message)) if m.id not in before]
        assert len(new) <= 1
        return new[0].body if new else ""

    return wrote


def _scopes(session: Session) -> list[str]:
    return list(session.scalars(select(Subscription.scope).where(Subscription.confirmed_at.is_not(None))))


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("GUINGUETTE Éclaron", "commune:52182"),
        ("guinguette  eclaron braucourt", "commune:52182"),
        ("Ginguette 52182", "commune:52182"),
        ("Guinguette 52290", "commune:52182"),  # two villages share it: one has an evening
        ("GUINGUETTE\nvalcourt", "near:52500:20"),  # no evening of its own: those around it
        ("guinguette Ailleurs", "near:34276:20"),
        ("guinguette st martin 62500", "near:62758:20"),
    ],
)
def test_a_village_in_an_sms_subscribes_its_sender(session: Session, write: Write, text: str, scope: str) -> None:
    """By name, its first words, postcode or code; the welcome says what for and how to stop."""
    welcome = write(text)
    assert _scopes(session) == [scope]
    assert "c'est noté" in welcome
    assert f"STOP : {PUBLIC_URL}/stop/" in welcome


def test_the_proof_is_their_own_sms(session: Session, write: Write, clock: FixedClock, vault: Vault) -> None:
    """Words, channel, the provider's name for it, when; the number is confirmed, for nobody else can write from it."""
    write("Guinguette éclaron, merci", provider_id="SM7")
    write("Guinguette éclaron", provider_id="SM8")
    proof = session.scalars(select(Consent)).one()
    assert "Guinguette éclaron" in proof.wording
    assert (proof.channel, proof.medium, proof.evidence) == ("sms", "sms", "SMS SM8")
    assert proof.given_at == proof.confirmed_at == clock.now()
    subscriber = session.scalars(select(Subscriber)).one()
    assert subscriber.confirmed_at == clock.now()
    assert vault.decrypt(subscriber.phone_encrypted) == NUMBER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GUINGUETTE", "envoyez GUINGUETTE puis"),
        ("GUINGUETTE Nulle-Part", 'nous ne connaissons pas "Nulle-Part"'),
        ("GUINGUETTE Éclaront-Braucour", "est-ce Éclaron-Braucourt"),
        ("GUINGUETTE Saint Martin", "plusieurs villages"),
        ("GUINGUETTE 52100", "plusieurs villages"),
    ],
)
def test_what_is_not_understood_is_answered_once_an_hour(
    session: Session, write: Write, clock: FixedClock, text: str, expected: str
) -> None:
    """A sentence that helps, and nobody is subscribed; a machine that answers us gets no second one."""
    assert expected in write(text)
    assert write(text) == write("GUINGUETTE Xyz") == ""
    assert _scopes(session) == []
    assert write(text, number="+33639980002") != ""
    clock.advance(hours=1)
    assert write(text) != ""


def test_contact_says_who_we_are_even_after_stop(session: Session, write: Write, clock: FixedClock) -> None:
    """The operators ask for it of every short code."""
    write("STOP")
    assert WHO in write("Contact")
    assert write("CONTACT") == ""
    assert _scopes(session) == []


def test_the_answer_leaves_although_the_number_is_not_subscribed_and_then_the_number_goes(
    session: Session,
    write: Write,
    session_factory: sessionmaker[Session],
    clock: FixedClock,
    vault: Vault,
) -> None:
    """By night too, for they are waiting; the nightly and minutely erasures leave it its minute and no more."""
    clock.set(dt.datetime(2027, 6, 13, 1, tzinfo=dt.UTC))
    write("CONTACT")
    subscriptions.erase_unconfirmed(session, clock)
    session.commit()
    sms = FakeSms()
    sending.send_due(
        session_factory, clock=clock, senders=only_sms(sms), vault=vault, public_url=PUBLIC_URL, wait=clock.wait
    )
    assert [sent.to for sent in sms.sent] == [NUMBER]
    subscriptions.erase_unconfirmed(session, clock)
    assert session.scalars(select(Subscriber.phone_encrypted)).one() == ""


def test_an_sms_delivered_twice_is_read_once(write: Write) -> None:
    """The provider repeats what it thinks was not acknowledged."""
    assert write("GUINGUETTE Éclaron", provider_id="SM1") != ""
    assert write("GUINGUETTE Éclaron", provider_id="SM1") == ""


def test_four_welcomes_an_hour_and_no_more(session: Session, write: Write) -> None:
    """Each costs us money; the subscription is kept all the same."""
    answers = [write(f"GUINGUETTE {name}") for name in ("Éclaron", "Valcourt", "Ailleurs", "Éclaron", "33490")]
    assert [bool(answer) for answer in answers] == [True] * 4 + [False]
    assert len(_scopes(session)) == 4


@pytest.mark.parametrize("number", ["+33326191234", "+4915112345678", "36105", "", "anonymous"])
def test_only_french_mobiles_are_answered(session: Session, write: Write, number: str) -> None:
    """Neither landlines nor other countries: nothing is kept of them."""
    assert write("GUINGUETTE Éclaron", number=number) == ""
    assert session.scalars(select(Subscriber)).all() == []


@pytest.mark.parametrize("text", ["Merci !", "", "   ", "ok pour samedi", "\x00", "la guinguette est super"])
def test_everything_else_is_left_alone(session: Session, write: Write, text: str) -> None:
    """No answer, no row."""
    assert write(text) == ""
    assert session.scalars(select(Subscriber)).all() == []


@pytest.mark.parametrize("text", ["STOP", "arrêt", "Désabonner moi", "GUINGUETTE STOP", "guinguette: arrêter"])
def test_stop_is_understood_after_our_own_word_too(session: Session, write: Write, text: str) -> None:
    """Nobody is subscribed to a village of that name; everything ends at once."""
    write("GUINGUETTE Éclaron")
    write("GUINGUETTE Valcourt")
    write(text)
    assert _scopes(session) == []
    assert session.scalars(select(Opposition)).one().said_by == "sms"


def test_stop_then_an_sms_of_their_own_brings_them_back(
    session: Session, write: Write, clock: FixedClock, vault: Vault
) -> None:
    """A new consent, proved by the number it comes from, takes the opposition away; only what was asked for is back."""
    write("GUINGUETTE Valcourt")
    write("Arrêt !")
    assert _scopes(session) == []
    assert session.scalars(select(Opposition)).one().said_by == "sms"
    clock.advance(hours=1)
    write("GUINGUETTE Éclaron")
    assert _scopes(session) == ["commune:52182"]
    assert session.scalars(select(Opposition)).all() == []
    assert not opting_out.is_opposed(session, session.scalars(select(Subscriber)).one(), vault, "sms")


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_no_answer_is_longer_than_two_sms(locale: str) -> None:
    """Whatever people write and however the association is named."""
    translate, long = translator(locale), "Œuf-en-Ternois 🙂 " * 20
    texts = [
        *(
            welcome_text(long, signed=s, stop_url=f"{PUBLIC_URL}/en/stop/abcdefghij", translate=translate)
            for s in (True, False)
        ),
        contact_text(long, url=PUBLIC_URL, translate=translate),
        *(
            help_text(fault, typed=long, village=long, url=f"{PUBLIC_URL}/abonnement", translate=translate)
            for fault in ("empty", "unknown", "misspelt", "several")
        ),
    ]
    assert [segments(text) for text in texts] == [min(segments(text), 2) for text in texts]
    assert all(PUBLIC_URL in text for text in texts)
