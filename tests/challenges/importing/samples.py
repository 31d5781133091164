"""A row as Challenge.gov writes them, small and of our own words."""

from typing import Any

ROW: dict[str, Any] = {
    "challenge-id": "4711",
    "challenge-title": "Quiet Pumps Challenge",
    "permalink": "https://www.challenge.gov/challenge/quiet-pumps/",
    "external-url": "",
    "tagline": "Make water move without the noise & the heat",
    "legal-authority": "America COMPETES Act",
    "fiscal-year": "FY20, FY21",
    "type-of-challenge": "Technology demonstration and hardware; Scientific",
    "total-prize-offered-cash": "$425,000",
    "challenge_status": "closed",
    "agency": "Department of the Interior - Bureau of Reclamation",
    "partner-agencies-federal": "",
    "partners-non-federal": "HeroX",
    "submission-start": "06/23/2020 7:15 AM",
    "submission-end": "12/31/2020 11:59 PM",
    "description": "<div><h2>The need</h2><p>Pumps are <strong>loud</strong>.</p></div>\n",
    "prizes": "<p>See the rules.</p>\n",
    "rules": "<ul> <li>Be fair.</li> <li>Be <a href='/rules.pdf'>brief</a>.</li> </ul>",
    "judging": "\n",
    "how-to-enter": "<p>Write to <a href='mailto:pumps@example.gov'>us</a>.</p>",
}


def row(**changes: Any) -> dict[str, Any]:
    """The sample with some fields changed; `submission_end` stands for `submission-end`."""
    return {**ROW, **{key if key in ROW else key.replace("_", "-"): value for key, value in changes.items()}}
