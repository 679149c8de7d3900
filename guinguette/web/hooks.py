"""What Twilio tells us: how a message fared, and what people answer. Signed, or refused."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from guinguette.adapters import sms_twilio
from guinguette.extensions import csrf, db
from guinguette.services import keywords, messages, opting_out
from guinguette.web import association
from guinguette.web.edge import edge

blueprint = Blueprint("hooks", __name__, url_prefix="/sms")
csrf.exempt(blueprint)  # Twilio has no form of ours: its signature takes the field's place

_NOTHING_TO_SAY = ("", 204)


@blueprint.before_request
def refuse_unsigned() -> None:
    """Refuse whatever Twilio has not signed for our public address."""
    path = request.full_path if request.query_string else request.path
    signature = request.headers.get("X-Twilio-Signature", "")
    if not sms_twilio.signed_by_twilio(edge().settings, path, request.form, signature):
        abort(403)


@blueprint.post("/statut/<message>")
def status(message: str) -> ResponseReturnValue:
    """Write down what became of a message. Unknown messages and words are nobody's fault."""
    state = sms_twilio.state_of(request.form.get("MessageStatus", ""))
    if sms_twilio.means_stop(request.form.get("ErrorCode", "")):
        number = request.form.get("To", "")
        opting_out.stop_number(db.session, number, said_by="provider", clock=edge().clock, vault=edge().vault)
    if state is not None:
        messages.record_status(
            db.session,
            message,
            state,
            provider_id=request.form.get("MessageSid", ""),
            error=request.form.get("ErrorCode", "")[:300],
            clock=edge().clock,
        )
    db.session.commit()
    if state == "failed":
        edge().jobs.send_due()  # an e-mail may take over, at once
    return _NOTHING_TO_SAY


@blueprint.post("/entrant")
def inbound() -> ResponseReturnValue:
    """Read what somebody wrote: STOP and its likes, GUINGUETTE and a village, OUI or NON of a host."""
    tools = edge()
    sms = keywords.Received(
        number=request.form.get("From", ""),
        text=request.form.get("Body", ""),
        provider_id=request.form.get("MessageSid", ""),
    )
    answered = keywords.receive(
        db.session,
        sms,
        who=association.card(),
        phone=association.association().phone,
        clock=tools.clock,
        vault=tools.vault,
        public_url=tools.settings.public_url,
    )
    db.session.commit()
    if answered:
        tools.jobs.send_due()
    return _NOTHING_TO_SAY
