"""Events become sentences and differences; what nobody recorded is never made up."""

from __future__ import annotations

from headway.collaboration.story import tell


def changes(*args: object, **options: object) -> list[tuple[str, object, object, bool]]:
    told = tell(*args, actor="Ada", subject="Leads", **options)  # type: ignore[arg-type]
    return [(c.field, c.before, c.after, c.is_before_known) for c in told.changes]


OPENED = {"title": "Leads", "owner": None, "department": "sales", "risk": {"profiling": True}}


def test_a_change_tells_the_field_before_and_after() -> None:
    found = changes("usecase.updated", {"owner": "Olga", "risk": {}}, earlier=[OPENED])
    assert found == [("owner", None, "Olga", True)]


def test_the_latest_earlier_event_that_names_the_field_counts() -> None:
    middle = {"owner": "Otto", "risk": {}}
    found = changes("usecase.updated", {"owner": "Olga", "title": "Leads"}, earlier=[middle, OPENED])
    assert found == [("owner", "Otto", "Olga", True)], "a field that stays as it was is no change"


def test_facts_inside_an_object_are_compared_one_by_one() -> None:
    found = changes("usecase.updated", {"risk": {"profiling": False, "annex_i": True}}, earlier=[OPENED])
    assert found == [("risk.profiling", True, False, True), ("risk.annex_i", None, True, True)]


def test_without_an_earlier_event_the_value_before_is_unknown() -> None:
    assert changes("usecase.updated", {"owner": "Olga"}) == [("owner", None, "Olga", False)]


def test_behind_an_erased_event_the_value_before_is_unknown() -> None:
    assert changes("usecase.updated", {"owner": "Olga"}, earlier=[None, OPENED]) == [("owner", None, "Olga", False)]


def test_an_event_that_names_the_value_before_itself_needs_no_other() -> None:
    payload = {"tier": "high", "before": "undecided", "reasons": "people are ranked"}
    told = tell("tier.decided", payload, actor="Ada", subject="Leads")
    assert [(c.field, c.before, c.after) for c in told.changes] == [("tier", "undecided", "high")]
    assert (told.sentence, told.why) == ("Ada decided the legal tier: high", "people are ranked")


def test_the_sentence_comes_as_message_and_values_for_translation() -> None:
    told = tell("role.granted", {"role": "council", "department": None}, actor="Ada", subject="Bo")
    assert told.message == "%(actor)s gave %(subject)s the role %(role)s in %(department)s"
    assert told.values["department"] == "org"
    german = told.message.replace("gave", "gab").replace("the role", "die Rolle")
    assert german % told.values == "Ada gab Bo die Rolle council in org"


def test_an_erased_event_says_so_and_an_unknown_one_its_type() -> None:
    erased = tell("comment.added", None, actor="Ada", subject="Leads")
    assert erased.sentence == "Ada did something to Leads (comment.added); the details were erased"
    assert tell("moon.landed", {}, actor="Ada", subject="Leads").sentence == "Ada: moon.landed on Leads"


def test_percent_signs_and_long_texts_in_values_do_no_harm() -> None:
    told = tell("pilot.failed", {"detail": "100 % of rows\nfail " + "x" * 500}, actor="Ada", subject="50 %s")
    assert told.sentence.startswith("The pilot 50 %s failed: 100 % of rows fail xxx")
    assert len(told.sentence) < 200
