"""Who receives the evening: committees (comités des fêtes, town halls) and the people to ring."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from guinguette.models.base import Base
from guinguette.models.places import Commune
from guinguette.models.signature import Signed


class Committee(Signed, Base):
    """A comité des fêtes, a town hall or another association of one commune.

    ``kind``: committee, town_hall, association. One that was merged is archived and names the one that stands for it.
    """

    __tablename__ = "committee"

    id: Mapped[int] = mapped_column(primary_key=True)
    commune_insee: Mapped[str] = mapped_column(ForeignKey("commune.insee"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="committee")
    notes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("committee.id"))
    version: Mapped[int] = mapped_column(default=1)

    commune: Mapped[Commune] = relationship()
    contacts: Mapped[list["Contact"]] = relationship(back_populates="committee", order_by="Contact.id")
    merged_into: Mapped["Committee | None"] = relationship(remote_side="Committee.id")

    __mapper_args__ = {"version_id_col": version}


class Contact(Signed, Base):
    """A person to ring. The telephone number is encrypted (``adapters.vault``), ``email`` may be empty.

    ``stop_token_hash`` is that of the STOP link in what is written to them, set with the first message.
    """

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(80), default="")
    phone_encrypted: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    stop_token_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    committee: Mapped[Committee] = relationship(back_populates="contacts")

    __mapper_args__ = {"version_id_col": version}
