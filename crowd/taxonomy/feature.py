"""What the taxonomy declares: its pages, its command, the words of its operations."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.audit import Actor
from crowd.feature import Feature, Tab
from crowd.taxonomy import labels, queries, uses, views

AUDIT = {
    "term.added": _l("Added a term"),
    "term.changed": _l("Changed a term"),
    "term.merged": _l("Merged a term into another one"),
    "term.dismissed": _l("Left a free term as it is"),
}
DATA = {
    "scheme": _l("List of terms"),
    "code": _l("Code"),
    "into": _l("Merged into"),
}


def _tabs(_actor: Actor | None) -> Iterator[Tab]:
    """The taxonomy, with the free terms that wait."""
    text = _("Fields, industries, regions and other lists; terms that people wrote.")
    yield Tab(45, _("Taxonomy"), "taxonomy.index", text, count=queries.count_free())


FEATURE = Feature(
    name="taxonomy",
    blueprints=(views.blueprint,),
    commands="crowd.taxonomy.cli",
    audit=AUDIT,
    audit_data=DATA,
    subjects={"term": _l("Term")},
    labels={"term": labels.STATES},
    term_uses=uses.USES,
    tabs={"administration": _tabs},
    sections={"taxonomy.": ("administration",)},
)
