"""What a gate is told of a change: known on both sides or left out, never guessed."""

from __future__ import annotations

from headway.governance import changing

SERVED = {
    "sys": {"tier": "minimal", "profiling": True, "annex_iii": []},
    "use_case": {"purpose": "rank leads", "people_affected": "contacts"},
    "evidence": {
        "dataset_card": {"data_digest": "sha256-a", "columns": 20},
        "eval_report": {"roc_auc": 0.71, "skill_low": 0.1},
    },
}


def with_(**changes: dict[str, object]) -> dict[str, object]:
    return {**SERVED, **changes}


def test_what_takes_no_place_changes_nothing() -> None:
    assert changing.facts(None, SERVED) == {"replaces": False}


def test_the_same_again_replaces_and_changes_nothing() -> None:
    assert changing.facts(SERVED, SERVED) == {
        "replaces": True,
        "data_changed": False,
        "columns_changed": False,
        "tier_changed": False,
        "purpose_changed": False,
        "risk_changed": False,
        "score_drop": 0.0,
    }


def test_each_change_is_told_by_its_name() -> None:
    told = changing.facts(
        SERVED,
        with_(
            sys={"tier": "high", "profiling": False, "annex_iii": [], "new_question": True},
            use_case={"purpose": "rank leads", "people_affected": "consumers"},
            evidence={
                "dataset_card": {"data_digest": "sha256-b", "columns": 21},
                "eval_report": {"roc_auc": 0.6, "skill_low": 0.3},
            },
        ),
    )
    names = ("data_changed", "columns_changed", "tier_changed", "purpose_changed", "risk_changed")
    assert all(told[name] is True for name in names) and told["score_drop"] == 0.11


def test_what_one_side_does_not_know_is_left_out_but_a_known_difference_stands() -> None:
    told = changing.facts(SERVED, with_(sys={}, use_case={"purpose": "rank leads"}, evidence={}))
    assert told == {"replaces": True, "risk_changed": False}
    told = changing.facts(SERVED, with_(use_case={"purpose": "something else"}))
    assert told["purpose_changed"] is True


def test_other_tasks_compare_the_lower_end_of_skill_and_a_text_is_no_number() -> None:
    before = with_(evidence={"eval_report": {"skill_low": 0.3}})
    after = with_(evidence={"eval_report": {"skill_low": 0.1}})
    assert changing.facts(before, after)["score_drop"] == 0.2
    assert "score_drop" not in changing.facts(before, with_(evidence={"eval_report": {"skill_low": "good"}}))
