from flask import Blueprint

blueprint = Blueprint("subscribers", __name__)
