"""Templates: those that come with the product, and those that an organisation publishes itself, version by version."""

from __future__ import annotations

from typing import Any

import yaml
from sqlalchemy.orm import Session

from headway import ledger
from headway.governance.adapters import PlainLoader
from headway.governance.assessments import adapters, drafting, store
from headway.governance.assessments.entities import Assessment, OwnTemplate, Template
from headway.governance.assessments.errors import TemplateClosed, TemplateInvalid, TemplateUnknown
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref

LONGEST_FILE = 200_000
LEAST_REASON = 3


def templates(session: Session) -> dict[str, Template]:
    """The templates in force by name: the product's, then the newest version of each own one that is not retired."""
    own = {one.template.id: one.template for one in store.own_templates(session) if one.retired_at is None}
    return {**adapters.templates(), **own}


def list_templates(session: Session) -> tuple[Template, ...]:
    """The templates in force."""
    return tuple(templates(session).values())


def get_template(session: Session, name: str) -> Template:
    """Read a template that is in force; raises TemplateUnknown."""
    known = templates(session)
    if name not in known:
        raise TemplateUnknown(f"no template {name!r}", hint=f"known: {', '.join(known)}", values={"template": name})
    return known[name]


def template_of(session: Session, one: Assessment) -> Template:
    """The questions that an assessment was opened with: an own template of then, else the product's as it is now."""
    found = store.own_template(session, one.template, one.template_version)
    return found.template if found is not None else get_template(session, one.template)


def source_of(session: Session, name: str) -> OwnTemplate:
    """Read the newest version of an own template, retired or not, as it was written; raises TemplateUnknown."""
    found = store.own_template(session, name, None)
    if found is None:
        hint = "what comes with the product is shown by the list of templates"
        raise TemplateUnknown(f"no template of your own is named {name!r}", hint=hint, values={"template": name})
    return found


def publish_template(session: Session, actor: Actor, text: str) -> OwnTemplate:
    """Publish a template from YAML; the same name with a higher version replaces it for what is opened from now on.

    Assessments that are open keep the questions they were opened with.
    Raises: TemplateInvalid with every fault.
    """
    need_person(actor, "publish a template")
    source = _loaded(text)
    faults = drafting.template_faults(source, adapters.templates())
    if not faults:
        before = store.own_template(session, source["id"], None, lock=True)
        if before is not None and not drafting.newer(source["version"], before.template.version):
            message = f"version: {before.template.version} was published; write a higher one"
            faults.append(Fault(rule="assessments.template", column="version", message=message))
    if faults:
        raise TemplateInvalid("; ".join(fault.message for fault in faults), faults=faults)
    made = OwnTemplate(
        template=drafting.read(source),
        text=text,
        published_by=actor.ref,
        published_at=clock.now(),
        retired_by=None,
        retired_at=None,
        retired_because=None,
    )
    store.add_template(session, made, source)
    _tell(session, actor, "assessment_template.published", made)
    return made


def retire_template(session: Session, actor: Actor, name: str, reason: str) -> OwnTemplate:
    """Take an own template out of force; what was answered under it stays readable and counts as long as it would have.

    Raises: TemplateUnknown; TemplateClosed: it was retired before; TemplateInvalid without a reason.
    """
    need_person(actor, "retire a template")
    if len(reason.strip()) < LEAST_REASON:
        fault = Fault(rule="assessments.reason", column="reason", message=f"write at least {LEAST_REASON} characters")
        raise TemplateInvalid(fault.message, faults=[fault])
    if source_of(session, name).retired_at is not None:
        raise TemplateClosed(f"{name} was retired before", values={"template": name})
    store.retire_template(session, name, by=actor.ref, at=clock.now(), because=reason.strip())
    made = source_of(session, name)
    _tell(session, actor, "assessment_template.retired", made, reason.strip())
    return made


def _loaded(text: str) -> dict[str, Any]:
    message = ""
    if len(text) > LONGEST_FILE:
        message = f"a template has at most {LONGEST_FILE:,} characters"
    else:
        try:
            loaded = yaml.load(text, Loader=PlainLoader)  # noqa: S506  a SafeLoader, stricter
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            message = f"not YAML: {' '.join(str(error).split())[:300]}"
        else:
            if isinstance(loaded, dict) and all(isinstance(name, str) for name in loaded):
                return loaded
            message = "a template is a mapping with id, version, title, seat, questions and more"
    raise TemplateInvalid(message, faults=[Fault(rule="assessments.template", column="text", message=message)])


def _tell(session: Session, actor: Actor, event: str, one: OwnTemplate, reason: str | None = None) -> None:
    payload: dict[str, object] = {
        "template": one.template.id,
        "version": one.template.version,
        "digest": one.template.digest,
        "title": one.template.title,
        "seat": one.template.seat,
    }
    if reason is not None:
        payload["reason"] = reason
    subject = Ref("assessment-template", one.template.id)
    ledger.record(session, actor=actor, type=event, subject=subject, payload=payload)
