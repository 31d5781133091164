"""The schemes, as data: what each is called, and to which others its terms may be linked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence

FIELD, INDUSTRY, REGION = "field", "industry", "region"
STAGE = "stage"
AGENCY_KIND, OWNERSHIP_KIND = "agency_kind", "ownership_kind"
TECHNOLOGY, TECHNOLOGY_SERVICE = "technology", "technology_service"
CHINA = "CN"  # the code of the region that has tiers


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that a term may have: its label, and the labels of its values."""

    label: Sentence
    values: Mapping[str, Sentence]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A list of terms.

    `tree`: a term may lie below another one of the scheme. `links`: the schemes to which its terms are linked.
    `free`: people may write what is not in it, which is then a free term.
    """

    name: Sentence
    text: Sentence
    tree: bool = False
    links: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    free: bool = False


SCHEMES = {
    FIELD: Scheme(
        _l("Fields of work"), _l("Tags of challenges, and expertise of people."), links=(INDUSTRY,), free=True
    ),
    INDUSTRY: Scheme(_l("Industries"), _l("Each has a page with its challenges, organisations, people and results.")),
    REGION: Scheme(
        _l("Regions"),
        _l("Countries, and China's provinces and prefectures by their codes in GB/T 2260."),
        tree=True,
        attributes={
            "tier": Attribute(
                _l("Tier"), {"core": _l("Core city"), "regional": _l("Regional centre"), "node": _l("Node city")}
            )
        },
    ),
    "service_kind": Scheme(
        _l("Kinds of service"),
        _l("The kinds of science and technology services."),
        links=("service_field", "service_part"),
    ),
    "service_field": Scheme(
        _l("Fields of service (2012)"), _l("The Ministry's five fields. No entries are shipped: import them.")
    ),
    "service_part": Scheme(
        _l("Parts of service (2011)"), _l("Zhou's list of nine parts. No entries are shipped: import them.")
    ),
    TECHNOLOGY: Scheme(
        _l("Technologies"), _l("The 61 technologies of Suh and Park (2009)."), links=(TECHNOLOGY_SERVICE,)
    ),
    TECHNOLOGY_SERVICE: Scheme(
        _l("Services from technologies"),
        _l("The 19 services of Suh and Park (2009)."),
    ),
    "roadmap_purpose": Scheme(_l("Purposes of a roadmap"), _l("What a technology roadmap is for (Phaal).")),
    "roadmap_format": Scheme(_l("Formats of a roadmap"), _l("How a technology roadmap is drawn (Phaal).")),
    "method": Scheme(_l("Methods"), _l("Two axes on which a method of foresight is placed."), tree=True),
    STAGE: Scheme(_l("Stages"), _l("Where a firm or a problem starts: 0, 1, 10 or 100.")),
    "need_tier": Scheme(_l("Tiers of need"), _l("How far a problem is from a service that can be bought.")),
    AGENCY_KIND: Scheme(_l("Kinds of agency"), _l("What an agency does for its clients.")),
    OWNERSHIP_KIND: Scheme(_l("Ownership"), _l("Who owns an organisation.")),
}
