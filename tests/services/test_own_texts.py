"""The organisers' own words: kept, used by what leaves next, taken back; two who edit at once."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from guinguette.adapters.vault import Vault
from guinguette.domain.errors import Conflict, InvalidInput, NotFound
from guinguette.models import Message, MessageTemplate
from guinguette.models.signature import sign
from guinguette.publishing.message_texts import TEMPLATES
from guinguette.services import message_preview, own_texts, reminders, subscriptions
from guinguette.services.message_preview import Preview
from tests import factories as make
from tests.fakes import NOW, PUBLIC_URL, FixedClock

MINE = "La guinguette vient {jour} {village} à {heures}. {stop}"


def save(session: Session, typed: str = MINE, *, key: str = "reminder", locale: str = "fr", version: int = 0) -> None:
    """Keep the words."""
    own_texts.save(session, key, locale, typed, version=version, names="fr", public_url=PUBLIC_URL)


def preview(session: Session, clock: FixedClock, key: str, text: str = "", locale: str = "fr") -> Preview:
    """What the words (the ones in force where none are given) would make."""
    text = text or own_texts.get(session, key, locale).text
    return message_preview.preview(
        session, key, locale, text, clock=clock, public_url=PUBLIC_URL, phone="03 25 00 00 00", replies=True
    )


def test_what_leaves_next_has_the_organisers_words(session: Session, clock: FixedClock, vault: Vault) -> None:
    """The reminder and the code; another language keeps the built-in ones."""
    save(session)
    save(session, "Votre code : {code}", key="code")
    tour = make.make_tour(session, slug="ete")
    evening = make.make_evening(session, tour=tour, commune=make.make_commune(session, name="Vignory"))
    make.make_publication(session, tour=tour, evenings=[evening])
    for phone, locale in (("+33639980001", "fr"), ("+33639980002", "en")):
        make.make_subscriber(session, vault=vault, phone=phone, scopes=["tour:ete"], locale=locale)
    clock.set(dt.datetime(2027, 6, 18, 15, 0, tzinfo=dt.UTC))
    reminders.prepare(session, clock=clock, vault=vault, public_url=PUBLIC_URL)
    french, english = session.scalars(select(Message.body).order_by(Message.subscriber_id)).all()
    assert french.startswith("La guinguette vient samedi 19 juin à Vignory à 18 h-22 h. https")
    assert english.startswith("Guinguette: Saturday 19 June")
    wanted = subscriptions.Subscribe(phone="0639980003", scope="tour:ete", consent=True, wording="x", locale="fr")
    subscriptions.request(session, wanted, clock=clock, vault=vault)
    assert session.scalars(select(Message.body).filter_by(kind="code")).one().startswith("Votre code : ")


def test_two_who_edit_at_once(session: Session) -> None:
    """The second is told who was first; going back to the built-in words does not forget that there were two."""
    sign(session, "anne@example.org", NOW)
    save(session)
    with pytest.raises(Conflict, match=r"anne@example\.org a modifié"):
        save(session, MINE + " A", version=0)
    save(session, MINE + " B", version=1)
    own_texts.reset(session, "reminder", "fr", version=2)
    assert not own_texts.get(session, "reminder", "fr").own
    with pytest.raises(Conflict):
        save(session, version=1)
    save(session, version=3)
    assert own_texts.get(session, "reminder", "fr").own


def test_built_in_words_typed_again_are_no_words_of_ones_own(session: Session) -> None:
    """With plain spaces where a printer has others: they follow the next release."""
    built_in = own_texts.get(session, "cancelled", "fr").built_in
    save(session, built_in.replace("\u00a0", " "), key="cancelled")
    assert session.scalars(select(MessageTemplate.text)).all() == [""]
    assert not own_texts.get(session, "cancelled", "fr").own


def test_a_text_too_long_for_the_longest_village_is_refused(session: Session) -> None:
    """However short today's villages are; a text that does not exist is not found."""
    with pytest.raises(InvalidInput, match="Ôtez au moins"):
        save(session, MINE + "a" * 200)
    with pytest.raises(NotFound):
        own_texts.get(session, "nothing", "fr")


def test_the_list_has_every_language(session: Session) -> None:
    """One's own where there are some, in one query."""
    save(session, key="reminder", locale="en")
    found = {key: wordings for key, _, wordings in own_texts.listing(session, ["fr", "en"])}
    assert [wording.own for wording in found["reminder"]] == [False, True]
    assert [wording.own for wording in found["code"]] == [False, False]


def test_a_preview_shows_the_next_evening_and_the_longest(session: Session, clock: FixedClock, vault: Vault) -> None:
    """With how many would get it in that language, and what the worst may cost."""
    tour = make.make_tour(session, slug="ete")
    long_name = "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson"
    found = [
        make.make_evening(session, tour=tour, commune=make.make_commune(session, name=name), date=day, state=state)
        for name, day, state in (
            ("Loin", dt.date(2027, 6, 8), "confirmed"),
            ("Annulé", dt.date(2027, 6, 12), "cancelled"),
            ("Vignory", dt.date(2027, 6, 19), "confirmed"),
            (long_name, dt.date(2027, 7, 10), "option"),
        )
    ]
    make.make_publication(session, tour=tour, evenings=found)
    for number, locale in enumerate(("fr", "fr", "en")):
        make.make_subscriber(session, vault=vault, phone=f"+3363998000{number}", scopes=["tour:ete"], locale=locale)
    shown = preview(session, clock, "reminder")
    first, longest = shown.samples
    assert (first.evening.commune, longest.evening.commune) == ("Vignory", long_name)
    assert (first.people, longest.people, shown.coming) == (2, 2, 2)
    assert longest.segments == shown.most == 2
    assert first.text.endswith("/stop/xxxxxxxxxx")
    assert ("ê", "e") in shown.replaced
    bare = preview(session, clock, "reminder", "{day} {where} {hours} {stop}")
    assert [sample.segments for sample in bare.samples] == [1, 1]
    assert bare.most == 1
    assert preview(session, clock, "week_ahead").samples[0].people == 0
    assert "03 25 00 00 00" in preview(session, clock, "option").samples[0].text


@pytest.mark.parametrize("key", TEMPLATES)
def test_without_any_evening_one_is_made_up(session: Session, clock: FixedClock, key: str) -> None:
    """A new installation can write its texts first."""
    shown = preview(session, clock, key)
    assert shown.coming == 0
    assert len(shown.samples) == 1
    assert shown.samples[0].as_typed >= shown.samples[0].segments >= 1


def test_words_of_before_a_field_was_asked_for_are_set_aside(session: Session) -> None:
    """Without the link a host could not answer: the built-in words leave, and the editor has one's own to mend."""
    old = "Guinguette : {day} {where} ? Répondez jusqu’au {until}{ring}. STOP : {stop}"
    session.add(MessageTemplate(key="option", locale="fr", text=old))
    session.flush()
    assert own_texts.voice(session, "fr").template("option") == TEMPLATES["option"].text
    wording = own_texts.get(session, "option", "fr")
    assert (wording.text, wording.own) == (wording.built_in, False)
    assert (wording.set_aside, wording.lacks) == (old, "link")
    save(session, old.replace("{ring}", " : {link}"), key="option", version=1)
    wording = own_texts.get(session, "option", "fr")
    assert (wording.own, wording.set_aside, wording.lacks) == (True, "", "")
    assert own_texts.voice(session, "fr").template("option") == wording.text
