"""The texts with fields in braces: what an organiser's own words may and must contain."""

import pytest

from guinguette.domain.errors import InvalidInput
from guinguette.publishing.message_texts import FIELDS, MAX_LENGTH, TEMPLATES, fill, shown, stored

REMINDER = "Guinguette : {jour} {village}, {heures}. STOP : {stop}"


def french(text: str) -> str:
    """Leave the text as it is: the names are French."""
    return text


def refusal(key: str, typed: str) -> str:
    """Why the text is refused."""
    with pytest.raises(InvalidInput) as refused:
        stored(key, typed, french)
    assert refused.value.field == "text"
    return str(refused.value)


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_built_in_text_is_shown_and_taken_back_as_it_was(key: str) -> None:
    """With French names for people, the code's in the database; every field has a name and a meaning."""
    text = TEMPLATES[key].text
    assert stored(key, shown(text, french), french) == text
    assert set(TEMPLATES[key].fields) <= set(FIELDS)


def test_names_are_taken_in_either_tongue_and_any_case() -> None:
    """Whoever copies from the English page is understood; lines become one."""
    assert stored("reminder", "Bonsoir,\n{Jour } {where} {HEURES}\r\n{stop} ", french) == (
        "Bonsoir, {day} {where} {hours} {stop}"
    )


def test_no_two_fields_share_a_name() -> None:
    """Each name means one thing."""
    assert len({field.name for field in FIELDS.values()}) == len(FIELDS)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (REMINDER + " {prix}", "{prix}"),
        (REMINDER + " {raison}", "{raison}"),  # a reminder has none
        (REMINDER + " {day.__class__}", "{day.__class__}"),
        (REMINDER + " {jour!r}", "{jour!r}"),
        (REMINDER + " {}", "{}"),
    ],
)
def test_a_field_that_the_text_does_not_know_is_named(typed: str, named: str) -> None:
    """With those that it knows, in the reader's words."""
    said = refusal("reminder", typed)
    assert f"«\u00a0{named}\u00a0» n’existe pas" in said
    assert "{jour}, {village}, {heures}, {lieu}, {remarque}, {stop}" in said


@pytest.mark.parametrize("missing", ["jour", "village", "heures", "stop"])
def test_a_field_that_people_need_cannot_be_left_out(missing: str) -> None:
    """The STOP link above all: the law asks for it."""
    assert refusal("reminder", REMINDER.replace("{" + missing + "}", "")).startswith("Il manque {" + missing + "}")


@pytest.mark.parametrize("typed", [REMINDER + " {", "} " + REMINDER, "{{jour}} " + REMINDER])
def test_a_brace_that_stands_alone_is_refused(typed: str) -> None:
    """A typing error must not reach a telephone."""
    assert "Une accolade est seule" in refusal("reminder", typed)


def test_a_novel_is_refused() -> None:
    """Before anything is counted."""
    assert "trop long" in refusal("reminder", REMINDER + "a" * MAX_LENGTH)


def test_a_value_in_braces_stays_text() -> None:
    """A village’s or a reason’s own braces are not looked at again."""
    assert fill("{day} {where}", {"day": "{where}", "where": "x"}) == "{where} x"
