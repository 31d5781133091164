"""A good example for fields of a draft, shown beside them. A field without one shows none."""

from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence

EXAMPLES: dict[str, Sentence] = {
    "title": _l("Find leaks in buried cast-iron mains from the noise at two hydrants"),
    "summary": _l(
        "Ten minutes of sound from two hydrants, recorded at night: is there a leak between them, and where?"
    ),
    "problem_statement": _l(
        "## What we have\n\n"
        "612 km of cast-iron mains from before 1985, 118 bursts in 2024, and recordings of 40 known leaks.\n\n"
        "## What we need\n\n"
        "- the place of a leak to within three metres, from two hydrants 80 to 150 m apart\n"
        "- a statement of how certain it is\n\n"
        "## What was tried\n\n"
        "Correlators from the market: they fail where pumps run.\n\n"
        "## What a good answer has\n\n"
        "A result on our ten hidden sites, and the cost of one site."
    ),
    "tags": _l("acoustics, leak detection, signal processing"),
    "rights": _l(
        "Winners keep their rights. We get a licence without time limit to use the method in our own network, "
        "not to sell it."
    ),
    "prizes": _l("First prize: 200,000, one award. Second prize: 70,000, two awards."),
    "criteria": _l(
        "Detection on hidden sites: how many of ten leaks are found to within three metres. Weight 60, scored to 100."
    ),
    "closes_at": _l("Six to ten weeks after the opening, on a weekday at 18:00, not in a holiday week."),
}
