"""What the demo invents: people, squares, musicians. No real person, and only numbers that ARCEP keeps for fiction."""

FIRST_NAMES = (
    "Aline", "Bernard", "Chantal", "Denis", "Élodie", "Francis", "Ghislaine", "Hervé", "Isabelle", "Joël", "Karine",
    "Lucien", "Mireille", "Nadia", "Odile", "Patrick", "Régine", "Sylvain", "Thérèse", "Yvon",
)  # fmt: skip
LAST_NAMES = (
    "Aubry", "Barbier", "Collin", "Didier", "Étienne", "Ferry", "Gérardin", "Humblot", "Jacquot", "Lallemand",
    "Mougeot", "Noël", "Perrin", "Rollet", "Simonnot", "Thiébault", "Vauthier", "Voillemin",
)  # fmt: skip
SQUARES = ("Place de la Mairie", "Place de l’Église", "Place du Lavoir", "Terrain de boules", "Cour de l’école")
POWER = ("Prise 32 A, coffret sur la place", "Prise 16 A à la mairie, rallonge de 25 m", "Coffret triphasé 32 A")
ACCESS = (
    "Parking derrière l’église. Sol plat.",
    "Parking à la salle des fêtes, à 200 mètres.",
    "Entrée de plain-pied.",
)
ARTISTS = (
    "Les Souliers vernis : accordéon et contrebasse",
    "Trio Bord de Blaise : valses, javas, rock",
    "La Fanfare du Perthois",
    "Mado et ses Lampions : chansons réalistes",
    "DJ Claquettes : bal à la demande",
    "Karaoké avec toute la salle",
)
FOOD = (
    "Planches du comité des fêtes, crêpes",
    "Grillades et frites du comité des fêtes",
    "Tartes flambées au feu de bois",
    "Assiette de fromages, langres et chaource",
)
PRICES = "Entrée libre. Sirop à 1 €, verre de vin à 2,50 €"
PAYMENT = "Espèces, carte ou chèque"
#: Why an evening goes into the hall, and why one is called off, by season.
WEATHER = {
    "summer": ("Orages prévus.", "Vigilance orange canicule."),
    "winter": ("Gel et vent prévus.", "Neige et verglas sur les routes."),
}
