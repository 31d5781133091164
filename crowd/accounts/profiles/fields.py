"""Fields of the profile's form: languages, links, and who sees a field."""

from functools import cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import Field, SelectChoice, SelectField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextArea

from crowd import text
from crowd.accounts.profiles.visibility import Audience
from crowd.errors import Sentence
from crowd.web.fields import TagsField
from crowd.web.request_locale import reader

MAX_LINKS = 8
MAX_LINK_LENGTH = 300  # characters
MAX_LANGUAGES = 12
AUDIENCES: dict[Audience, Sentence] = {
    Audience.EVERYBODY: lazy_pgettext("audience", "Everybody"),
    Audience.SIGNED_IN: _l("Signed-in people"),
    Audience.NOBODY: _l("Nobody"),
}


def language_name(code: str) -> str:
    """The name of a language in the reader's language."""
    names = Locale.parse(reader().name).languages
    return str(names.get(code, code))


@cache
def _codes() -> dict[str, str]:
    """The code of each language by its names in English and Chinese, and by the code itself."""
    found: dict[str, str] = {}
    for locale in (Locale.parse("en"), Locale.parse("zh_Hans_CN")):
        found |= {text.key(name): code for code, name in locale.languages.items() if len(code) <= 3}
    return found | {text.key(code): code for code in found.values()}


class LanguagesField(TagsField):
    """Languages by their names, separated by commas; `data` are ISO 639 codes."""

    def pre_validate(self, form: BaseForm) -> None:
        """Each must be a language."""
        known, typed = _codes(), list(self.data or [])
        if unknown := [name for name in typed if text.key(name) not in known]:
            raise ValidationError(_("“%(name)s” is not a language that we know.", name=unknown[0]))
        if len(typed) > MAX_LANGUAGES:
            raise ValidationError(_("There may be at most %(number)s languages.", number=MAX_LANGUAGES))
        self.data = list(dict.fromkeys(known[text.key(name)] for name in typed))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ", ".join(map(language_name, self.data or []))


class WebLinksField(Field):
    """Addresses of the web, one on each line; `data` is a list."""

    widget = TextArea()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split into lines."""
        typed = text.clean(str(valuelist[0])[: MAX_LINKS * (MAX_LINK_LENGTH + 2)]) if valuelist else ""
        self.data = [line.strip() for line in typed.splitlines() if line.strip()]

    def pre_validate(self, form: BaseForm) -> None:
        """Whole addresses, not too many."""
        links = self.data or []
        if len(links) > MAX_LINKS:
            raise ValidationError(_("There may be at most %(number)s links.", number=MAX_LINKS))
        for link in links:
            plain = link.startswith(("https://", "http://")) and " " not in link and len(link) <= MAX_LINK_LENGTH
            if not plain or len(link.partition("://")[2]) < 4:
                raise ValidationError(_("Write the whole address, such as https://www.example.com."))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data and self.errors else "\n".join(self.data or [])


class AudienceField(SelectField):
    """Who sees a field."""

    def __init__(self, label: Sentence = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[SelectChoice(one.value, name) for one, name in AUDIENCES.items()], **kwargs)
        self.type = "SelectField"
