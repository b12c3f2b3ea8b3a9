"""What can go wrong when people work together."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound, Unavailable


class CommentNotFound(NotFound):
    """No comment has this id."""

    code = "collaboration.comment_not_found"


class CommentDeleted(Conflict):
    """The comment was deleted; nothing can be done with it."""

    code = "collaboration.comment_deleted"


class NotYourComment(Denied):
    """Only who wrote a comment may change it."""

    code = "collaboration.not_your_comment"


class WordsRefused(Invalid):
    """A text is empty, too long, or holds what no text may hold."""

    code = "collaboration.words_refused"


class TaskNotFound(NotFound):
    """No task has this id."""

    code = "collaboration.task_not_found"


class TaskEnded(Conflict):
    """The task was done or cancelled."""

    code = "collaboration.task_ended"


class ViewNotFound(NotFound):
    """No view has this id, or it is not shared with the asker."""

    code = "collaboration.view_not_found"


class ViewTaken(Conflict):
    """The owner has a view of this name on the same page."""

    code = "collaboration.view_taken"


class NotYourView(Denied):
    """Only the owner of a view may change it."""

    code = "collaboration.not_your_view"


class NotificationNotFound(NotFound):
    """No notification of the asker has this id."""

    code = "collaboration.notification_not_found"


class WebhookNotFound(NotFound):
    """No webhook has this id."""

    code = "collaboration.webhook_not_found"


class AddressRefused(Invalid):
    """An address that notifications must not be sent to."""

    code = "collaboration.address_refused"


class PreferencesInvalid(Invalid):
    """A wish about notifications cannot be met: an unknown kind, time zone or time."""

    code = "collaboration.preferences_invalid"


class DeliveryFailed(Unavailable):
    """A message could not be handed over; it is tried again."""

    code = "collaboration.delivery_failed"


class DeliveryRefused(Conflict):
    """A message will never be taken; it is not tried again."""

    code = "collaboration.delivery_refused"
