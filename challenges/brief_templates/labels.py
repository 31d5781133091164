"""The names of templates on pages."""

from flask_babel import lazy_gettext as _l

from challenges.brief_templates.models import TemplateKind
from crowd.feature import Label

KINDS = {
    TemplateKind.RUBRIC: Label(_l("Rubric")),
    TemplateKind.PROBLEM: Label(_l("Problem")),
    TemplateKind.RIGHTS: Label(_l("Rights in the results")),
}
