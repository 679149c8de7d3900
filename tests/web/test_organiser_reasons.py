"""Why a village is short of evenings: every rule has its sentence, with names instead of ids."""

import pytest
from flask import Flask

from guinguette.web.organiser.progress import gap_sentence
from guinguette.web.organiser.reasons import Names, contradiction, why

NAMES = Names(
    communes={"52331": "Vignory", "52398": "Poissons"},
    vehicles={"lucette": "Lucette"},
    payers={"epci-200068666": "le Grand Saint-Dizier"},
    holders={"permis-7": "Comité des fêtes de Vignory"},
)


@pytest.mark.parametrize(
    ("rule", "detail", "sentence"),
    [
        ("cost", "52331 2027-07-03 lucette", "Une soirée le samedi 3\u00a0juillet avec Lucette serait possible"),
        ("quota", "epci-200068666", "Les soirées payées par le Grand Saint-Dizier sont toutes prises."),
        ("quota", "permis-7-2027", "Comité des fêtes de Vignory a déjà tous ses débits temporaires de 2027."),
        ("one_per_vehicle", "lucette 2027-07-03", "Lucette est déjà ailleurs le samedi 3\u00a0juillet."),
        ("one_per_commune", "52331 2027-07-03", "Le village a déjà une soirée le samedi 3\u00a0juillet."),
        ("open_date", "52331 2027-07-03", "Le village n’est pas libre le samedi 3\u00a0juillet."),
        ("open_date", "lucette 2027-07-03", "Lucette ne roule pas le samedi 3\u00a0juillet."),
        ("open_date", "52331", "La tournée n’a aucune date ni aucun véhicule pour ce village."),
        ("equipment", "52331 lucette", "Lucette n’a pas l’équipement que le village demande."),
        ("allowed_vehicle", "52331 lucette", "Le village ne veut pas de Lucette."),
        ("wanted", "52331", "Le village n’en a pas demandé davantage."),
        (
            "spacing",
            "52331 2027-07-02 2027-07-03",
            "Deux soirées du village seraient trop proches\u00a0: le vendredi 2\u00a0juillet et le samedi 3",
        ),
        (
            "separation",
            "52331 2027-07-02 52398 2027-07-03",
            "Poissons est tout près et a sa soirée le samedi 3\u00a0juillet.",
        ),
        (
            "separation",
            "52398 2027-07-02 52331 2027-07-03",
            "Poissons est tout près et a sa soirée le vendredi 2\u00a0juillet.",
        ),
        ("weekly_rest", "lucette 2027-W06", "Lucette a déjà toutes ses soirées de la semaine 6."),
        ("days_in_row", "lucette 2027-07-02 2027-07-03", "Lucette tournerait trop de jours de suite"),
        (
            "leg",
            "lucette depot-lucette 52331 2027-07-03",
            "Lucette aurait un trajet trop long le samedi 3\u00a0juillet.",
        ),
    ],
)
def test_each_rule_has_its_sentence(app: Flask, rule: str, detail: str, sentence: str) -> None:
    """The detail of each rule, as the solver writes it, becomes a sentence about Vignory."""
    with app.test_request_context():
        assert why({"rule": rule, "detail": detail, "sentence": "?"}, "52331", NAMES).startswith(sentence)


@pytest.mark.parametrize(
    ("rule", "detail", "sentence"),
    [
        ("locked", "52331 2027-07-03 lucette", "La soirée à Vignory le samedi 3_juillet ne peut pas bouger."),
        ("locked", "52331 2027-07-03", "La soirée à Vignory le samedi 3_juillet ne peut pas bouger."),
        ("quota", "epci-200068666", "Le Grand Saint-Dizier paierait plus de soirées que prévu."),
        ("quota", "permis-7-2027", "Comité des fêtes de Vignory aurait trop de débits temporaires en 2027."),
        ("one_per_vehicle", "lucette 2027-07-03", "Lucette ne peut être qu’à un endroit le samedi 3_juillet."),
        ("one_per_commune", "52331 2027-07-03", "Vignory ne peut avoir qu’une soirée le samedi 3_juillet."),
        ("open_date", "52331 2027-07-03", "Vignory n’est pas libre le samedi 3_juillet."),
        ("open_date", "lucette 2027-07-03", "Lucette ne roule pas le samedi 3_juillet."),
        ("open_date", "2027-07-03", "La tournée n’a pas de soirée le samedi 3_juillet."),
        ("equipment", "52331 lucette", "Lucette n’a pas l’équipement que demande Vignory."),
        ("allowed_vehicle", "52331 lucette", "Vignory ne veut pas de Lucette."),
        ("wanted", "52331", "Vignory n’a pas demandé autant de soirées."),
        (
            "spacing",
            "52331 2027-07-02 2027-07-03",
            "Vignory aurait deux soirées trop proches_: le vendredi 2_juillet et le samedi 3_juillet.",
        ),
        (
            "separation",
            "52331 2027-07-02 52398 2027-07-03",
            (
                "Vignory et Poissons sont voisines et auraient des soirées trop proches_: le vendredi 2_juillet et "
                "le samedi 3_juillet."
            ),
        ),
        ("weekly_rest", "lucette 2027-W06", "Lucette ferait trop de soirées la semaine 6."),
        (
            "days_in_row",
            "lucette 2027-07-02 2027-07-03",
            "Lucette tournerait trop de jours de suite, entre le vendredi 2_juillet et le samedi 3_juillet.",
        ),
    ],
)
def test_each_contradiction_names_its_villages(app: Flask, rule: str, detail: str, sentence: str) -> None:
    """No INSEE code and no rule's own name reaches the organiser."""
    with app.test_request_context():
        found = contradiction({"rule": rule, "detail": detail, "sentence": "?"}, NAMES)
    assert found == sentence.replace("_", "\u00a0")


@pytest.mark.parametrize("detail", ["firmin 2027-07-03", "", "epci-1"])
def test_what_the_tour_has_no_more_keeps_the_solvers_words(app: Flask, detail: str) -> None:
    """A van that has left the tour since has no name here."""
    with app.test_request_context():
        assert why({"rule": "one_per_vehicle", "detail": detail, "sentence": "Pris."}, "52331", NAMES) == "Pris."


@pytest.mark.parametrize(
    ("cost", "bound", "sentence"),
    [
        (None, None, "Pas encore de plan."),
        (100_000, None, "On ne sait pas encore de combien un autre plan ferait mieux."),
        (100_000, 0, "On ne sait pas encore de combien un autre plan ferait mieux."),
        (100_000, 100_000, "C’est prouvé\u00a0: aucun plan ne fait mieux."),
        (0, 0, "C’est prouvé\u00a0: aucun plan ne fait mieux."),
        (100_000, 99_999, "Aucun plan ne gagnerait plus de 1\u00a0% (0\u00a0km) sur celui-ci."),
        (200_000, 150_000, "Aucun plan ne gagnerait plus de 25\u00a0% (50\u00a0km) sur celui-ci."),
    ],
)
def test_the_gap_is_told_in_words(app: Flask, cost: int | None, bound: int | None, sentence: str) -> None:
    """Never less than it is: percents are rounded up."""
    with app.test_request_context():
        assert gap_sentence(cost, bound) == sentence
