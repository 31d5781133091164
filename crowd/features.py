"""The packages of the platform, in the order in which pages name them. One line adds a package or takes it out."""

from challenges.feature import FEATURE as CHALLENGES
from crowd.accounts.feature import FEATURE as ACCOUNTS
from crowd.accounts.sanctions.feature import FEATURE as SANCTIONS
from crowd.admin import FEATURE as ADMIN
from crowd.cases.feature import FEATURE as CASES
from crowd.contracts.feature import FEATURE as CONTRACTS
from crowd.demo.feature import FEATURE as DEMO
from crowd.feature import Feature
from crowd.feeds.feature import FEATURE as FEEDS
from crowd.following.feature import FEATURE as FOLLOWING
from crowd.ledger.feature import FEATURE as LEDGER
from crowd.notifications.feature import FEATURE as NOTIFICATIONS
from crowd.registers.feature import FEATURE as REGISTERS
from crowd.rules.feature import FEATURE as RULES
from crowd.site.feature import FEATURE as SITE
from crowd.small_firms.feature import FEATURE as SMALL_FIRMS
from crowd.taxonomy.feature import FEATURE as TAXONOMY
from crowd.technology_contracts.feature import FEATURE as TECHNOLOGY_CONTRACTS
from scoring.feature import FEATURE as SCORING
from submissions.feature import FEATURE as SUBMISSIONS

FEATURES: tuple[Feature, ...] = (
    CHALLENGES,
    SUBMISSIONS,
    SCORING,
    TECHNOLOGY_CONTRACTS,
    SMALL_FIRMS,
    CASES,
    CONTRACTS,
    LEDGER,
    ACCOUNTS,
    SANCTIONS,
    REGISTERS,
    RULES,
    TAXONOMY,
    FOLLOWING,
    FEEDS,
    NOTIFICATIONS,
    SITE,
    ADMIN,
    DEMO,
)
