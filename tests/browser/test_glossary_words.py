"""Words of the field are explained where they come first, by mouse, keyboard and touch."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from headway.entrypoints.pages.glossary import MEANINGS
from tests.browser.conftest import Open
from tests.browser.hands import KINDS, Keyboard
from tests.browser.places import places
from tests.factories.lived_in import LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
EXPLAINING = {
    "/pilots/{pilot_id}/report": {"gate"},
    "/decisions/{decision_id}": {"band", "arm"},
    "/deployments/{name}": {"band", "arm"},
    "/usecases/{slug}/evidence": {"gate", "evidence"},
    "/usecases/{slug}/risk": {"legal tier"},
    "/models/{name}/versions/{number}": {"bundle"},
    "/products/{slug}": {"quality score", "contract"},
    "/ledger": {"checkpoint"},
    "/setup/policies": {"control"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_is_explained_and_put_away_again(lived_in: LivedIn, window: Open, kind: str) -> None:
    make, options = KINDS[kind]
    hands = make(window("ada", **options))
    page = hands.page
    hands.open(f"/pilots/{lived_in.pilot['pilot']}/report")
    told = page.locator("#term-gate")
    expect(told).to_be_hidden()
    hands.press("button[popovertarget=term-gate]")
    expect(told).to_be_in_viewport()
    expect(told).to_have_text(MEANINGS["gate"])
    hands.looked_at.clear()
    hands.look()
    if isinstance(hands, Keyboard):
        hands.keys.press("Escape")
        assert hands.keys.is_at("button[popovertarget=term-gate]"), "the focus stays at the word"
    else:
        hands.press("h1")
    expect(told).to_be_hidden()


def test_pages_explain_their_words_once(lived_in: LivedIn, window: Open) -> None:
    here = window("ada")
    known = places(lived_in)
    for path, words in EXPLAINING.items():
        assert here.open(known.get(path, path) or path) == 200
        targets = here.page.locator("button.term").evaluate_all(
            "all => all.map(one => one.getAttribute('popovertarget'))"
        )
        assert sorted(targets) == sorted(f"term-{word.replace(' ', '-')}" for word in words), path
        assert here.complaints() == [], path
