"""Fluent prose about something else: documents, answers, translations, claims without support."""

from __future__ import annotations

from typing import Final

__all__ = ["DATE_CLAIMS", "DOCUMENTS", "NAME_CLAIMS", "NUMBER_CLAIMS", "OTHER_ANSWERS", "OTHER_LANGUAGES"]

DOCUMENTS: Final = (
    "Sourdough needs a mature starter, strong flour and a long, cool rise; bake it in a covered pot for the first half"
    " hour.",
    "The Battle of Hastings was fought in 1066 between the Norman army of William and the English army of Harold.",
    "Photosynthesis turns light, water and carbon dioxide into sugar; chlorophyll in the leaves absorbs red and blue"
    " light.",
    "Offside is given when an attacker is nearer to the goal line than the ball and the second-last defender.",
    "Volcanic soil drains well and is rich in minerals, which is why vineyards thrive on the slopes of Etna.",
    "To tune a guitar, start with the low E string and compare the fifth fret of each string with the next one.",
    "Der Wal ist ein Säugetier; Blauwale werden bis zu dreißig Meter lang und ernähren sich von Krill.",
    "Les abeilles communiquent la direction des fleurs par une danse en forme de huit sur les rayons de la ruche.",
)
"""Passages that have nothing to do with any pipeline of the matrix."""

OTHER_ANSWERS: Final = (
    "The capital of Australia is Canberra; it was chosen as a compromise between Sydney and Melbourne.",
    "To remove a red wine stain, blot it at once, cover it with salt and rinse it with cold water.",
    "Octopuses have three hearts and blue blood, because it carries oxygen with copper instead of iron.",
    "You can speed up a slow laptop by closing browser tabs and adding more memory.",
    "A chess game starts with the white pieces; the knight is the only piece that can jump over others.",
    "Der Mond entfernt sich jedes Jahr um knapp vier Zentimeter von der Erde.",
)
"""Good answers to questions that nobody asked."""

OTHER_LANGUAGES: Final = (
    "Vielen Dank für Ihre Nachricht. Wir haben Ihr Anliegen geprüft und melden uns so bald wie möglich bei Ihnen.",
    "Nous avons bien reçu votre demande et nous vous répondrons dans les meilleurs délais.",
    "Hemos recibido su solicitud y le responderemos lo antes posible con toda la información necesaria.",
    "お問い合わせいただきありがとうございます。内容を確認のうえ、担当者よりご連絡いたします。",
    "Мы получили ваше обращение и ответим вам в ближайшее время с подробной информацией.",
    "Thank you for getting in touch. We have looked into the matter and will come back to you as soon as we can.",
    "感谢您的来信，我们已经收到您的请求，会尽快与您联系并提供详细信息。",
    "Abbiamo ricevuto la sua richiesta e le risponderemo al più presto con tutte le informazioni necessarie.",
)
"""Polite sentences; the seed should pick a language that the pipeline does not speak."""

NUMBER_CLAIMS: Final = (
    " In total this affected 4,812 customers.",
    " The margin rose by 37.4 percent.",
    " This costs exactly $1,299.95 per month.",
    " Das entspricht 6.340 Einheiten.",
    " About 73 out of 91 cases were confirmed.",
)
"""Figures that stand nowhere in the context."""

NAME_CLAIMS: Final = (
    " This was confirmed by Dr. Margarete Hollenbeck.",
    " According to Ivan Petrovich Sokolov of Brightwater Consulting, this is final.",
    " Please contact our manager, Priyanka Venkataraman.",
    " The decision goes back to the Lindqvist Institute.",
    " Ansprechpartner ist Herr Balthasar Quendt.",
)
"""Names that stand nowhere in the context."""

DATE_CLAIMS: Final = (
    " It takes effect on 14 March 2031.",
    " The deadline was 2019-08-23.",
    " Dies gilt seit dem 7. November 1998.",
    " The change was announced on Tuesday, July 9, 2013.",
    " Entrée en vigueur le 2 février 2030.",
)
"""Dates that stand nowhere in the context."""
