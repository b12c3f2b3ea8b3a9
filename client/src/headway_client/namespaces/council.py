"""Operations of the council: bodies and seats, items and votes, conditions."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from headway_client.answers.council import (
    Council,
    CouncilCondition,
    CouncilFigures,
    CouncilItem,
    CouncilLanes,
    CouncilStanding,
    CouncilStory,
)
from headway_client.answers.meetings import (
    CalendarAddress,
    CouncilMeeting,
    CouncilMeetingStanding,
    CouncilMinutes,
)
from headway_client.operations import Each, M, Namespace, delete, get, lists, post, put


class Councils(Namespace[M]):
    """Councils, their rules and their seats."""

    @lists("/councils", is_paged=False)
    def list(self) -> Each[Council]:
        """List the councils with their seats."""

    @get("/councils/figures")
    def figures(self, *, council: str | None = None) -> CouncilFigures:
        """Tell what waits and how long, and how much rules decided without people."""

    @get("/councils/lanes")
    def lanes(self) -> CouncilLanes:
        """Tell how much intake of minimal risk rules decided without people and why, and how long all else has waited."""

    @put("/councils/{slug}")
    def set(
        self,
        slug: str,
        *,
        title: str,
        seats: Sequence[str],
        quorum: int,
        department: str | None = None,
        required: Sequence[str] | None = None,
        reviews: Sequence[str] | None = None,
        tie: Literal["chair", "rejected"] = "rejected",
        chair: str | None = None,
        days: int = 10,
        every_weeks: int | None = None,
        first_meeting: datetime | None = None,
        zone: str = "UTC",
        minutes_long: int = 60,
    ) -> Council:
        """Set up a council or change its rules; what is before it already is decided by the rules of before."""

    @get("/councils/{slug}")
    def show(self, slug: str) -> Council:
        """Show a council: its rules, its seats, who sits or sat in them, delegations."""

    @post("/councils/{slug}/end")
    def end(self, slug: str, *, reason: str) -> Council:
        """Dissolve a council before which nothing is undecided."""

    @post("/councils/{slug}/seats")
    def seat(self, slug: str, *, seat: str, person: str, kind: Literal["holder", "deputy"] | None = None) -> Council:
        """Put somebody into a seat; a holder who was in it leaves it."""

    @post("/councils/{slug}/seats/leave")
    def unseat(self, slug: str, *, seat: str, person: str) -> Council:
        """Take somebody out of a seat."""

    @post("/councils/{slug}/delegations")
    def delegate(self, slug: str, *, seat: str, taker: str, until: datetime) -> Council:
        """Hand an own vote on for a while."""

    @post("/councils/{slug}/delegations/{delegation_id}/end")
    def end_delegation(self, slug: str, delegation_id: str) -> Council:
        """End a delegation before its time."""

    @lists("/councils/{slug}/meetings")
    def meetings(
        self, slug: str, *, state: Literal["planned", "open", "held", "cancelled"] | None = None
    ) -> Each[CouncilMeeting]:
        """List the meetings of a council, the latest first."""

    @post("/councils/{slug}/meetings")
    def plan_meeting(
        self, slug: str, *, starts_at: datetime, minutes_long: int | None = None, place: str = ""
    ) -> CouncilMeeting:
        """Call a meeting outside of the rhythm, as the chair or the AI office."""


class Meetings(Namespace[M]):
    """Meetings of councils: agenda, who is there, minutes."""

    @get("/meetings/{meeting_id}")
    def show(self, meeting_id: str) -> CouncilMeetingStanding:
        """Show a meeting: its agenda as it is now with papers, who is there, the quorum, its minutes."""

    @post("/meetings/{meeting_id}/move")
    def move(self, meeting_id: str, *, starts_at: datetime, reason: str, place: str | None = None) -> CouncilMeeting:
        """Move a planned meeting to another time or place."""

    @post("/meetings/{meeting_id}/cancel")
    def cancel(self, meeting_id: str, *, reason: str) -> CouncilMeeting:
        """Cancel a planned meeting."""

    @put("/meetings/{meeting_id}/agenda")
    def set_agenda(self, meeting_id: str, *, items: Sequence[str]) -> CouncilMeeting:
        """Put items in front in an order; the others follow by need."""

    @post("/meetings/{meeting_id}/strike")
    def strike(self, meeting_id: str, *, item: str, reason: str) -> CouncilMeeting:
        """Take an item off the agenda; it stays open."""

    @post("/meetings/{meeting_id}/open")
    def open(self, meeting_id: str) -> CouncilMeeting:
        """Open a meeting from the chair; its agenda is fixed."""

    @post("/meetings/{meeting_id}/attendance")
    def attend(self, meeting_id: str, *, person: str | None = None, seat: str | None = None) -> CouncilMeeting:
        """Be at an open meeting, or note from the chair that somebody is."""

    @post("/meetings/{meeting_id}/close")
    def close(self, meeting_id: str) -> CouncilMeeting:
        """Close a meeting; what was not decided goes on in writing."""

    @post("/meetings/{meeting_id}/minutes")
    def make_minutes(self, meeting_id: str, *, locale: Literal["en", "de"] = "en") -> CouncilMinutes:
        """Write the minutes from records, as PDF and as Word file."""

    @post("/meetings/{meeting_id}/minutes/{number}/approve")
    def approve_minutes(self, meeting_id: str, number: int) -> CouncilMinutes:
        """Approve one writing of the minutes, as the chair; it then stays."""

    @get("/meetings/{meeting_id}/minutes/{number}/{file}")
    def download(self, meeting_id: str, number: int, file: str) -> bytes:
        """Download minutes as they were kept: ``minutes.pdf`` or ``minutes.docx``."""


class Calendar(Namespace[M]):
    """Your own calendar of councils, which calendar programs subscribe to by a secret address."""

    @get("/calendar")
    def show(self) -> CalendarAddress:
        """Tell whether your calendar has an address, and since when."""

    @post("/calendar")
    def renew(self) -> CalendarAddress:
        """Make the secret address of your calendar, or a new one; it is told once, and the one before no longer counts."""

    @delete("/calendar")
    def end(self) -> CalendarAddress:
        """Take the address of your calendar away."""


class CouncilItems(Namespace[M]):
    """What is before the council: reviews, votes, how it was decided."""

    @lists("/council-items")
    def list(
        self,
        *,
        council: str | None = None,
        usecase: str | None = None,
        state: Literal["open", "escalated", "approved", "rejected", "lapsed"] | None = None,
        lane: Literal["automatic", "reviewer", "council"] | None = None,
    ) -> Each[CouncilItem]:
        """List what is or was before the council, newest first."""

    @get("/council-items/{item_id}")
    def show(self, item_id: str) -> CouncilStanding:
        """Show an item: how it stands, who can vote for which seat, what is missing and who can mend it."""

    @get("/council-items/{item_id}/story")
    def story(self, item_id: str) -> CouncilStory:
        """Retell an item from the ledger alone."""

    @post("/council-items/{item_id}/recusals")
    def recuse(self, item_id: str, *, reason: str) -> CouncilItem:
        """Step back for a conflict of interest."""

    @post("/council-items/{item_id}/reviews")
    def review(self, item_id: str, *, part: str, supports: bool, text: str) -> CouncilItem:
        """Review an item for a seat, or as the owner of the use case."""

    @post("/council-items/{item_id}/conditions")
    def propose_condition(self, item_id: str, *, text: str, owner: str, days: int) -> CouncilCondition:
        """Propose a condition before the first vote."""

    @post("/council-items/{item_id}/votes")
    def vote(
        self, item_id: str, *, choice: Literal["yes", "no", "abstain"], reason: str, seat: str | None = None
    ) -> CouncilItem:
        """Cast the vote of a seat; the last one needed decides."""

    @post("/council-items/{item_id}/close")
    def close(self, item_id: str) -> CouncilItem:
        """Close a vote that is certain, as the chair."""

    @post("/council-items/{item_id}/extension")
    def extend(self, item_id: str, *, days: int, reason: str) -> CouncilItem:
        """Give an escalated item more time, as its sponsor."""

    @post("/council-items/{item_id}/give-up")
    def give_up(self, item_id: str, *, reason: str) -> CouncilItem:
        """Give an escalated item up, as its sponsor."""


class CouncilConditions(Namespace[M]):
    """What was made a condition of a yes."""

    @lists("/council-conditions", is_paged=False)
    def list(self, *, usecase: str | None = None) -> Each[CouncilCondition]:
        """List the conditions of decisions that nobody has accepted as met, the first that is due first."""

    @post("/council-conditions/{condition_id}/met")
    def meet(self, condition_id: str, *, evidence: str) -> CouncilCondition:
        """Show that a condition is met, as who owns it."""

    @post("/council-conditions/{condition_id}/give")
    def give(self, condition_id: str, *, owner: str, reason: str) -> CouncilCondition:
        """Give it to somebody else, as a member of the council: who had it left, or cannot meet it."""

    @post("/council-conditions/{condition_id}/accept")
    def accept(self, condition_id: str, *, reason: str) -> CouncilCondition:
        """Accept what was shown, as another member of the council."""

    @post("/council-conditions/{condition_id}/return")
    def send_back(self, condition_id: str, *, reason: str) -> CouncilCondition:
        """Say that what was shown is not enough."""
