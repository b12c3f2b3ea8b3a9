"""The whole way in a real browser: a file, its pilot, the report, a second person's yes, a deployment, a decision and its proof."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.acts import leads, sign_in, start_pilot, until_done
from tests.browser.conftest import Open
from tests.browser.hands import KINDS, Hands, kinds
from tests.factories.lived_in import LivedIn

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1500)]
REASON = "The report is sound and the hold-out is large enough"
WAIT = 120_000


@pytest.mark.parametrize("kind", kinds("keyboard"))
def test_from_a_file_to_a_decision_with_its_proof(lived_in: LivedIn, window: Open, tmp_path: Path, kind: str) -> None:
    make, options = KINDS[kind]
    name = f"whole-way-by-{kind}"

    def hands_of(who: str) -> Hands:
        hands = make(window(None, **options))
        sign_in(hands, lived_in, who)
        return hands

    dora = hands_of("dora")
    _pilot_and_report(dora, leads(tmp_path, seed=31), name)
    asked = _ask_for_promotion(dora, name)
    _approve(hands_of("grace"), asked)
    _deploy(hands_of("olga"), name)
    decision = _decide_and_see_the_proof(hands_of("ada"), name)
    _who_said_yes_is_seen(hands_of, asked)
    with lived_in.client("ada") as ada:
        told = ada.get(f"/decisions/{decision}")
    assert told["verified"] is True, "what the page shows is what the ledger proves"


def _pilot_and_report(hands: Hands, file: Path, name: str) -> None:
    """Start the pilot, watch its steps turn, read the report."""
    page = hands.page
    start_pilot(hands, file, name)
    expect(page.get_by_role("heading", name="Steps")).to_be_visible()
    until_done(hands.here)
    hands.look()
    hands.go("a[href^='/pilots/plt_'][href$='/report']", "**/report")
    expect(page.get_by_role("heading", name="How good it is")).to_be_visible()
    expect(page.locator("#good svg:visible").first).to_be_visible()


def _ask_for_promotion(hands: Hands, name: str) -> str:
    """Say what a file cannot tell, ask for the pilot environment; returns the address of what was asked."""
    hands.open(f"/usecases/{name}/edit")
    hands.fill("#f-purpose", "Call the leads first that are likeliest to convert")
    hands.fill("#f-people_affected", "Leads of the sales department")
    hands.fill("#f-success_measure", "Conversions per hundred calls against the hold-out")
    hands.fill("#f-owner", "Dora Scientist")
    hands.fill("#f-sponsor", "Sven Sponsor")
    hands.go("main .form-foot button.btn-primary", f"**/usecases/{name}")
    hands.open(f"/usecases/{name}/promote")
    hands.tick("input[name=environment][value=pilot]")
    hands.here.rest()
    hands.look()
    hands.go("main .form-foot button.btn-primary", "**/releases/*")
    expect(hands.page.get_by_text("You asked for it yourself, somebody else must approve")).to_be_visible()
    return hands.page.url.removeprefix(hands.here.base)


def _approve(hands: Hands, asked: str) -> None:
    """A second person reads, and approves with a reason; without one it is not taken."""
    hands.open("/approvals")
    hands.open(asked)
    hands.press("button[data-open=approve]")
    hands.fill("#approve textarea", REASON)
    hands.go("#approve .btn-primary", "**/releases/*")
    expect(hands.page.locator("h1")).to_contain_text("released", ignore_case=True)


def _deploy(hands: Hands, name: str) -> None:
    """Put the released version to work."""
    hands.open("/deployments/new")
    hands.choose("#f-release", f"model:{name}@1, released into pilot")
    hands.fill("#f-name", name)
    hands.fill("#f-holdout_percent", "10")
    hands.fill("#f-subject_field", "lead_id")
    hands.go("main .form-foot button.btn-primary", f"**/deployments/{name}*")


def _decide_and_see_the_proof(hands: Hands, name: str) -> str:
    """Try the deployment in the sandbox, where the node of this home is; then follow the decision to its chain."""
    page = hands.page
    hands.open(f"/deployments/{name}/try?environment=sandbox")
    hands.go("main .form-foot button.btn-primary", f"**/deployments/{name}/try*", timeout=WAIT)
    expect(page.get_by_role("heading", name="What was decided")).to_be_visible()
    hands.go("#answer p a.btn[href^='/decisions/']", "**/decisions/*")
    chain = page.locator("#chain")
    expect(chain.get_by_role("heading", name="Chain of evidence")).to_be_visible(timeout=WAIT)
    whole = chain.get_by_text("Every link holds", exact=True)
    for _ in range(60):
        hands.here.rest()
        if whole.count():
            break
        page.wait_for_timeout(1000)  # until the ledger signs its next checkpoint
        hands.press("#chain a[hx-get$='/chain']")
    expect(whole).to_be_visible()
    expect(chain.get_by_text("broken", exact=True)).to_have_count(0)
    assert chain.get_by_text("holds", exact=True).count() > 5, "each link says for itself that it holds"
    hands.here.rest()
    hands.look()
    return page.url.rpartition("/")[2]


def _who_said_yes_is_seen(hands_of: Callable[[str], Hands], asked: str) -> None:
    """An auditor reads who approved, and why, beside the signed verdict."""
    hands = hands_of("axel")
    hands.open(asked)
    facts = hands.page.locator("section.card", has=hands.page.get_by_role("heading", name="Release", exact=True))
    for told in ("Dora Scientist", "Grace Council", REASON, "signed verdict"):
        expect(facts).to_contain_text(told)
