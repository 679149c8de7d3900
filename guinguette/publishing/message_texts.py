"""The texts that leave by SMS, with fields in braces: the built-in ones, and what an organiser's own may contain.

A text is stored with the names of the code (``{day}``) and shown with those of the reader's language (``{jour}``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from guinguette.domain.errors import N_, InvalidInput
from guinguette.publishing.words import Translate

#: Longer than this no text can fit into two SMS, whatever its fields hold.
MAX_LENGTH = 400

#: A field of a text; its name is the group.
FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Field:
    """What stands in braces: its name as people write it, and what it becomes."""

    name: str
    becomes: str


FIELDS: dict[str, Field] = {
    "day": Field(N_("jour"), N_("le jour : « samedi 19 juin »")),
    "before": Field(N_("ancien_jour"), N_("le jour d’avant le changement")),
    "later": Field(N_("nouveau_jour"), N_("le jour de la nouvelle soirée")),
    "where": Field(N_("village"), N_("le village : « à Éclaron », « au Buisson »")),
    "hours": Field(N_("heures"), N_("les heures : « 18 h-22 h »")),
    "place": Field(N_("lieu"), N_("une virgule et le lieu ; raccourci, puis absent, s’il est trop long")),
    "why": Field(N_("raison"), N_("la raison entre parenthèses ; raccourcie, puis absente, si elle est trop longue")),
    "note": Field(N_("remarque"), N_("« À confirmer. », et la salle s’il pleut")),
    "dates": Field(N_("dates"), N_("les nouvelles dates, autant qu’il en tient")),
    "page": Field(N_("page"), N_("l’adresse où lire toutes les dates")),
    "until": Field(N_("échéance"), N_("le dernier jour pour répondre")),
    "ring": Field(N_("appeler"), N_("« au » et le téléphone de l’association, s’il est connu")),
    "reply": Field(N_("oui_ou_non"), N_("« par OUI ou NON, ou ici », si l’expéditeur reçoit les SMS")),
    "link": Field(N_("lien"), N_("le lien personnel du référent : il s’ouvre sans mot de passe")),
    "stop": Field(N_("stop"), N_("le lien qui arrête tout : la loi le demande")),
    "code": Field(N_("code"), N_("le code à recopier")),
    "minutes": Field(N_("minutes"), N_("combien de minutes il vaut")),
}
#: What a text may leave out; it must contain every other field of the built-in one.
OPTIONAL = frozenset({"place", "why", "note", "minutes", "ring", "page", "reply"})


@dataclass(frozen=True, slots=True)
class Template:
    """A built-in text: what it is called, when it leaves, to whom (villagers, hosts, or anybody for a code)."""

    name: str
    when: str
    audience: str
    text: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields it has, in the order of the text."""
        return tuple(FIELD.findall(self.text))


_VILLAGERS, _HOSTS, _ANYBODY = "villagers", "hosts", "anybody"

TEMPLATES: dict[str, Template] = {
    "reminder": Template(
        N_("Rappel de la veille"),
        N_("la veille de la soirée"),
        _VILLAGERS,
        N_("Guinguette : {day} {where}, {hours}{place}.{note} STOP : {stop}"),
    ),
    "week_ahead": Template(
        N_("Rappel de la semaine d’avant"),
        N_("sept jours avant, à qui l’a demandé"),
        _VILLAGERS,
        N_("Guinguette, à noter : {day} {where}, {hours}{place}.{note} STOP : {stop}"),
    ),
    "announced": Template(
        N_("Nouvelles dates"),
        N_("quand des soirées sont publiées, à qui l’a demandé"),
        _VILLAGERS,
        N_("Guinguette, du nouveau près de chez vous : {dates}. {page} STOP : {stop}"),
    ),
    "moved_to_hall": Template(
        N_("Repli à la salle"),
        N_("quand la soirée passe à la salle"),
        _VILLAGERS,
        N_("Guinguette : {day} {where}, c’est EN SALLE{place}{why}. {hours}. STOP : {stop}"),
    ),
    "cancelled": Template(
        N_("Annulation"),
        N_("quand la soirée est annulée"),
        _VILLAGERS,
        N_("Guinguette : {day} {where} est ANNULÉE{why}. STOP : {stop}"),
    ),
    "postponed": Template(
        N_("Report à une date sûre"),
        N_("quand la soirée est reportée et que le village a dit oui"),
        _VILLAGERS,
        N_("Guinguette : {day} {where} est REPORTÉE au {later}{why}. STOP : {stop}"),
    ),
    "postponed_maybe": Template(
        N_("Report à une date à confirmer"),
        N_("quand la soirée est reportée et que le village n’a pas encore répondu"),
        _VILLAGERS,
        N_("Guinguette : {day} {where} est REPORTÉE{why}, sans doute au {later} (à confirmer). STOP : {stop}"),
    ),
    "postponed_open": Template(
        N_("Report sans nouvelle date"),
        N_("quand la soirée est reportée et que la nouvelle date manque"),
        _VILLAGERS,
        N_("Guinguette : {day} {where} est REPORTÉE{why}, date à suivre. STOP : {stop}"),
    ),
    "changed": Template(
        N_("Changement d’heure ou de lieu"),
        N_("quand l’heure ou le lieu change"),
        _VILLAGERS,
        N_("Guinguette, CHANGEMENT : {day} {where}, {hours}{place}{why}. STOP : {stop}"),
    ),
    "moved_date": Template(
        N_("Changement de date"),
        N_("quand la date change et que le village a dit oui"),
        _VILLAGERS,
        N_("Guinguette : {where}, ce n’est plus {before} mais {day}, {hours}{why}. STOP : {stop}"),
    ),
    "moved_date_maybe": Template(
        N_("Changement de date, à confirmer"),
        N_("quand la date change et que le village n’a pas encore répondu"),
        _VILLAGERS,
        N_("Guinguette : {where}, ce n’est plus {before} mais {day} (à confirmer), {hours}{why}. STOP : {stop}"),
    ),
    "option": Template(
        N_("Option sur une date"),
        N_("quand une date est demandée au village"),
        _HOSTS,
        N_(
            "Guinguette : pouvez-vous nous recevoir {day} {where} ? "
            "Répondez jusqu’au {until}{reply} : {link} ou appelez-nous{ring}. STOP : {stop}"
        ),
    ),
    "nudge": Template(
        N_("Relance d’une option"),
        N_("quelques jours avant l’échéance, si le village n’a pas répondu"),
        _HOSTS,
        N_(
            "Guinguette : nous recevez-vous {day} {where} ? Réponse jusqu’au {until}{reply} : {link} "
            "ou appelez-nous{ring}. Ensuite, la date sera libre. STOP : {stop}"
        ),
    ),
    "option_lapsed": Template(
        N_("Option échue"),
        N_("quand le village n’a pas répondu à temps"),
        _HOSTS,
        N_("Guinguette : sans réponse, nous ne retenons plus {day} {where}. Pour en parler, appelez-nous{ring}. "
           "STOP : {stop}"),
    ),
    "dates": Template(
        N_("Dates à choisir"),
        N_("quand on demande ses jours à un village"),
        _HOSTS,
        N_(
            "Guinguette : quels soirs pouvez-vous nous recevoir {where} ? Répondez jusqu’au {until}, ici : {link} "
            "ou par téléphone{ring}. STOP : {stop}"
        ),
    ),
    "dates_nudge": Template(
        N_("Relance des dates à choisir"),
        N_("quelques jours avant l’échéance, si le village n’a pas fini de répondre"),
        _HOSTS,
        N_(
            "Guinguette : il nous manque vos soirs possibles {where}, jusqu’au {until}, ici : {link} "
            "ou par téléphone{ring}. STOP : {stop}"
        ),
    ),
    "no_date": Template(
        N_("Pas de date cette fois"),
        N_("une fois les dates publiées, aux villages qui n’en ont pas, quand vous le demandez"),
        _HOSTS,
        N_(
            "Guinguette : pas de soirée {where} cette fois. Les dates retenues : {page} "
            "Pour en parler, appelez-nous{ring}. STOP : {stop}"
        ),
    ),
    "link": Template(
        N_("Lien personnel"),
        N_("quand un référent redemande son lien, ou quand quelqu’un lui en donne un"),
        _HOSTS,
        N_("Guinguette {where}, votre lien personnel : {link} STOP : {stop}"),
    ),
    "turned_down": Template(
        N_("Jour proposé, pas possible"),
        N_("quand le village a proposé un autre jour et que l’association ne peut pas"),
        _HOSTS,
        N_("Guinguette : nous ne pouvons pas venir {day} {where}, le jour que vous proposiez. Pour en parler, "
           "appelez-nous{ring}. STOP : {stop}"),
    ),
    "agreed": Template(
        N_("Date confirmée"),
        N_("quand la soirée est confirmée, aux référents qui n’ont pas répondu eux-mêmes"),
        _HOSTS,
        N_("Guinguette : c’est dit, nous venons {day} {where}, {hours}. L’accord et la suite : {link} STOP : {stop}"),
    ),
    "code": Template(
        N_("Code de confirmation"),
        N_("aussitôt, à qui laisse son numéro"),
        _ANYBODY,
        N_("Guinguette : votre code est {code}. Il vaut {minutes} minutes. Vous n’avez rien demandé ? Ne faites rien."),
    ),
}  # fmt: skip


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each field's value. Not ``str.format``: an organiser's text reaches no attribute."""
    return FIELD.sub(lambda found: values[found[1]], text)


def shown(text: str, translate: Translate) -> str:
    """Return the text with the fields' names in the reader's language."""
    return FIELD.sub(lambda found: "{" + translate(FIELDS[found[1]].name) + "}", text)


def lacking(key: str, text: str) -> list[str]:
    """Return which fields the template ``key`` must have and ``text`` has not: a later release may ask for more."""
    return [name for name in TEMPLATES[key].fields if name not in OPTIONAL and "{" + name + "}" not in text]


def stored(key: str, typed: str, translate: Translate) -> str:
    """Return what somebody typed for the template ``key`` as it is kept: one line, the code's names in braces.

    Raises ``InvalidInput`` (field ``text``) with what to correct: a field that this text does not know or must have, a
    brace that stands alone.
    """
    text = re.sub(r"[ \t\r\n]+", " ", typed).strip()
    fields = TEMPLATES[key].fields
    names = {name: field for field in fields for name in (translate(FIELDS[field].name), field)}
    listed = ", ".join("{" + translate(FIELDS[field].name) + "}" for field in fields)
    for found in FIELD.findall(text):
        if found.strip().lower() not in names:
            raise InvalidInput(
                N_("« {found} » n’existe pas dans ce texte. On peut y mettre : {listed}."),
                field="text",
                found="{" + found + "}",
                listed=listed,
            )
    kept = FIELD.sub(lambda found: "{" + names[found[1].strip().lower()] + "}", text)
    if set("{}") & set(FIELD.sub("", kept)):
        raise InvalidInput(
            N_("Une accolade est seule : chaque champ s’écrit comme ceci, {example}."),
            field="text",
            example="{" + translate(FIELDS[fields[0]].name) + "}",
        )
    if missing := lacking(key, kept):
        raise InvalidInput(
            N_("Il manque {name} : {becomes}."),
            field="text",
            name="{" + translate(FIELDS[missing[0]].name) + "}",
            becomes=translate(FIELDS[missing[0]].becomes),
        )
    if len(kept) > MAX_LENGTH:
        raise InvalidInput(N_("C’est trop long : {limit} caractères au plus."), field="text", limit=MAX_LENGTH)
    return kept
