"""The Flask extensions, made once and bound to an app in ``create_app``."""

from flask_alembic import Alembic
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import FSQLALiteUserDatastore, Security
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect

from guinguette.models import Base, Role, User

db = SQLAlchemy()
alembic = Alembic(metadatas=Base.metadata, run_mkdir=False, command_name="")
babel = Babel()
compress = Compress()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)
users = FSQLALiteUserDatastore(db, User, Role)
security = Security(datastore=users)
