"""The name of a saved search."""

from flask_babel import lazy_gettext as _l

from crowd.web.fields import line
from crowd.web.forms import Form


class SearchForm(Form):
    """The name under which a search is kept."""

    name = line(_l("Name of the search"), "max_title_length")
