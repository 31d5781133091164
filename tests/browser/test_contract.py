"""The document of a contract in another language: JavaScript writes the same bytes, and finds the same digest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# RFC 8785 in JavaScript: `JSON.stringify` writes strings and numbers as the RFC wants, `sort` compares by UTF-16.
CANONICAL = """
async url => {
    const answer = await fetch(url);
    const bytes = await answer.arrayBuffer();
    const write = value => Array.isArray(value) ? "[" + value.map(write).join(",") + "]"
        : value && typeof value === "object"
            ? "{" + Object.keys(value).sort().map(key => JSON.stringify(key) + ":" + write(value[key])).join(",") + "}"
            : JSON.stringify(value);
    const read = new TextDecoder("utf-8", {fatal: true}).decode(bytes);
    const hex = async data => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", data)))
        .map(byte => byte.toString(16).padStart(2, "0")).join("");
    const written = write(JSON.parse(read));
    return [written === read, await hex(bytes), await hex(new TextEncoder().encode(written))];
}
"""


def test_javascript_writes_the_same_bytes(platform: Platform, person: Callable[..., Page]) -> None:
    rows = platform.rows(
        "SELECT k.subject_id, v.number, v.digest FROM contract_version v JOIN contract k ON k.id = v.contract_id "
        "WHERE v.in_force_at IS NOT NULL AND k.kind = 'challenge' "
        "AND k.subject_id NOT IN (SELECT id FROM challenge WHERE visibility = 'invited') ORDER BY v.id"
    )
    assert len(rows) >= 16
    page = person()
    page.goto("/")
    for challenge, number, digest in rows:
        same, stored, written = page.evaluate(CANONICAL, f"/challenges/{challenge}/contract.json?version={number}")
        assert (same, stored, written) == (True, digest, digest), f"version {number} of challenge {challenge}"
