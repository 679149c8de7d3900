"""``/comite/``: for hosts without their link. It is sent again, to an address that we know already, and never shown."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from guinguette.domain.errors import InvalidInput
from guinguette.extensions import csrf, limiter
from guinguette.services import addresses
from guinguette.web.edge import edge
from guinguette.web.errors import sentence
from guinguette.web.forms.host import DoorForm
from guinguette.web.subscribers import TRIES

blueprint = Blueprint("host_door", __name__, url_prefix="/comite")
# no session stands behind it: another site's form could ask for a link too, and would learn as little
csrf.exempt(blueprint)

#: Nobody's telephone is to ring all night because somebody knows its number.
_LINKS_TO_ONE_ADDRESS = "4 per hour; 10 per day"


@blueprint.after_request
def _say_nothing(response: Response) -> Response:
    """Whoever comes from a link that is over must not carry its address on, nor leave theirs in a cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/")
def ask() -> str:
    """Ask for the number or the e-mail address that the link came to."""
    return _page(DoorForm(formdata=None))


def _address() -> str:
    """Return a hash of the address that is tried, however it is typed; of the visitor where it is none.

    Whoever meets the limit is written down in the log by what is returned here.
    """
    try:
        tried = addresses.read(request.form.get("address", "")).text
    except InvalidInput:
        tried = get_remote_address()
    return edge().vault.fingerprint(tried)


@blueprint.post("/")
@limiter.limit(TRIES)
@limiter.limit(_LINKS_TO_ONE_ADDRESS, key_func=_address)
def send() -> ResponseReturnValue:
    """Let a worker find out whose address it is: the answer, and the time it takes, are the same for everybody."""
    form, settings = DoorForm(), edge().settings
    try:
        address = addresses.read(form.address.data or "")
    except InvalidInput as error:
        form.address.errors = [sentence(error)]
        return _page(form), 400
    in_service = {"mobile": settings.sends_sms, "email": settings.sends_email, "landline": False}[address.kind]
    if in_service:
        edge().jobs.send_host_link(edge().vault.encrypt(address.text))
    return _page(form, asked=address.kind if in_service else "by_voice")


def _page(form: DoorForm, asked: str = "") -> str:
    return render_template("comite/lien_perdu.html", form=form, asked=asked)
