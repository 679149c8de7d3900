"""hosts answer by themselves: links, journal, sites, agreements, visits, photos

Revision ID: 1795704127
Revises: 1795692998
Create Date: 2026-11-26 14:42:08.341966
"""

import sqlalchemy as sa
from alembic import op

revision = '1795704127'
down_revision = '1795692998'
branch_labels = ()
depends_on = None


def upgrade() -> None:
    """SQLite copies tables for that. Dropping the old ones would delete what refers to them (ON DELETE CASCADE), so that
    foreign keys are not looked at meanwhile; that can only be said outside a transaction.
    """
    sqlite = op.get_bind().dialect.name == 'sqlite'
    if sqlite:
        with op.get_context().autocommit_block():
            op.execute('PRAGMA foreign_keys=OFF')
        if op.get_bind().execute(sa.text('PRAGMA foreign_keys')).scalar():
            raise RuntimeError('sites cannot be copied while foreign keys are looked at: nothing was changed')
    _change()
    # until now an organiser typed every answer, received by telephone or read from a file
    op.execute("UPDATE commune_request SET answered_how = CASE answered_by WHEN 'import' THEN 'import' ELSE 'phone' END "
               "WHERE answered_at IS NOT NULL")
    op.execute("UPDATE date_option SET answered_how = 'phone' WHERE state IN ('accepted', 'refused')")
    if sqlite:
        with op.get_context().autocommit_block():
            op.execute('PRAGMA foreign_keys=ON')


def downgrade() -> None:
    raise NotImplementedError('what hosts have answered by themselves has no place in the older schema: restore a backup')


def _change() -> None:
    op.create_table('fete',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('commune_insee', sa.String(length=5), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.CheckConstraint('first <= last', name=op.f('ck_fete_dates')),
    sa.ForeignKeyConstraint(['commune_insee'], ['commune.insee'], name=op.f('fk_fete_commune_insee_commune')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fete'))
    )
    with op.batch_alter_table('fete', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_fete_commune_insee'), ['commune_insee'], unique=False)

    op.create_table('visit_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('commune_insee', sa.String(length=5), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=80), nullable=False),
    sa.Column('phone_encrypted', sa.Text(), nullable=False),
    sa.Column('email_encrypted', sa.Text(), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('handled_at', sa.DateTime(), nullable=True),
    sa.Column('handled_by', sa.String(length=254), nullable=False),
    sa.Column('answer', sa.String(length=300), nullable=False),
    sa.Column('committee_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('pending', 'accepted', 'declined')", name=op.f('ck_visit_request_state')),
    sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_visit_request_committee_id_committee')),
    sa.ForeignKeyConstraint(['commune_insee'], ['commune.insee'], name=op.f('fk_visit_request_commune_insee_commune')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_request'))
    )
    with op.batch_alter_table('visit_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_request_address_hash'), ['address_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_request_commune_insee'), ['commune_insee'], unique=False)
        batch_op.create_index(batch_op.f('ix_visit_request_state'), ['state'], unique=False)

    op.create_table('host_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('opened_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_host_link_contact_id_contact'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_host_link_token_hash'))
    )
    with op.batch_alter_table('host_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_host_link_contact_id'), ['contact_id'], unique=False)

    op.create_table('hall_booking',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('what', sa.String(length=120), nullable=False),
    sa.Column('noted_at', sa.DateTime(), nullable=False),
    sa.Column('noted_by', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['fallback_venue.id'], name=op.f('fk_hall_booking_hall_id_fallback_venue'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hall_booking')),
    sa.UniqueConstraint('hall_id', 'date', name=op.f('uq_hall_booking_hall_id_date'))
    )
    with op.batch_alter_table('hall_booking', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hall_booking_date'), ['date'], unique=False)
        batch_op.create_index(batch_op.f('ix_hall_booking_hall_id'), ['hall_id'], unique=False)

    op.create_table('evening_report',
    sa.Column('evening_id', sa.String(length=12), nullable=False),
    sa.Column('attendance', sa.Integer(), nullable=True),
    sa.Column('incidents', sa.Text(), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.DateTime(), nullable=False),
    sa.Column('reported_by', sa.String(length=254), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_by', sa.String(length=254), server_default=sa.text("''"), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_evening_report_evening_id_evening')),
    sa.PrimaryKeyConstraint('evening_id', name=op.f('pk_evening_report'))
    )
    op.create_table('journal_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('commune_insee', sa.String(length=5), nullable=False),
    sa.Column('tour_id', sa.Integer(), nullable=True),
    sa.Column('evening_id', sa.String(length=12), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor', sa.String(length=254), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('detail', sa.String(length=300), nullable=False),
    sa.CheckConstraint("how IN ('link', 'phone', 'sms', 'desk')", name=op.f('ck_journal_entry_how')),
    sa.ForeignKeyConstraint(['commune_insee'], ['commune.insee'], name=op.f('fk_journal_entry_commune_insee_commune')),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_journal_entry_evening_id_evening')),
    sa.ForeignKeyConstraint(['tour_id'], ['tour.id'], name=op.f('fk_journal_entry_tour_id_tour')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entry'))
    )
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_entry_commune_insee'), ['commune_insee'], unique=False)

    op.create_table('photo',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('pitch_id', sa.Integer(), nullable=True),
    sa.Column('hall_id', sa.Integer(), nullable=True),
    sa.Column('evening_id', sa.String(length=12), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(), nullable=False),
    sa.Column('added_by', sa.String(length=254), nullable=False),
    sa.CheckConstraint('(CASE WHEN pitch_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN hall_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN evening_id IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_photo_subject')),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_photo_evening_id_evening'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['hall_id'], ['fallback_venue.id'], name=op.f('fk_photo_hall_id_fallback_venue'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['pitch_id'], ['pitch.id'], name=op.f('fk_photo_pitch_id_pitch'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo'))
    )
    with op.batch_alter_table('photo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_photo_evening_id'), ['evening_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_photo_hall_id'), ['hall_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_photo_pitch_id'), ['pitch_id'], unique=False)

    op.create_table('agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('evening_id', sa.String(length=12), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('option_id', sa.Integer(), nullable=True),
    sa.Column('agreed_at', sa.DateTime(), nullable=False),
    sa.Column('agreed_by', sa.String(length=200), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('terms', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_agreement_evening_id_evening')),
    sa.ForeignKeyConstraint(['option_id'], ['date_option.id'], name=op.f('fk_agreement_option_id_date_option')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('evening_id', 'number', name=op.f('uq_agreement_evening_id_number'))
    )
    with op.batch_alter_table('agreement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_evening_id'), ['evening_id'], unique=False)

    with op.batch_alter_table('availability', schema=None) as batch_op:
        batch_op.add_column(sa.Column('given_at', sa.DateTime(), nullable=True))

    with op.batch_alter_table('commune_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_how', sa.String(length=10), server_default=sa.text("''"), nullable=False))

    with op.batch_alter_table('date_option', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_how', sa.String(length=10), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('counter_date', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('note', sa.String(length=300), server_default=sa.text("''"), nullable=False))
        batch_op.drop_constraint(batch_op.f('ck_date_option_state'), type_='check')
        batch_op.drop_constraint(batch_op.f('ck_date_option_answered'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_date_option_state'), "state IN ('sent', 'accepted', 'refused', 'countered', 'expired', 'withdrawn')")
        batch_op.create_check_constraint(batch_op.f('ck_date_option_answered'), "state NOT IN ('accepted', 'refused', 'countered') OR answered_by <> ''")
        batch_op.create_check_constraint(batch_op.f('ck_date_option_counter'), "(state = 'countered') = (counter_date IS NOT NULL)")

    with op.batch_alter_table('fallback_venue', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accessible', sa.String(length=3), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('keys_contact_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_fallback_venue_keys_contact_id_contact'), 'contact', ['keys_contact_id'], ['id'], ondelete='SET NULL')
        batch_op.create_check_constraint(batch_op.f('ck_fallback_venue_accessible'), "accessible IN ('', 'yes', 'no')")

    with op.batch_alter_table('pitch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('power', sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column('power_metres', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('water', sa.String(length=3), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('toilets', sa.String(length=3), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('parking', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('accessible', sa.String(length=3), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('coverage', sa.String(length=4), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('keys_contact_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_pitch_keys_contact_id_contact'), 'contact', ['keys_contact_id'], ['id'], ondelete='SET NULL')
        batch_op.create_check_constraint(batch_op.f('ck_pitch_water'), "water IN ('', 'yes', 'no')")
        batch_op.create_check_constraint(batch_op.f('ck_pitch_toilets'), "toilets IN ('', 'yes', 'no')")
        batch_op.create_check_constraint(batch_op.f('ck_pitch_accessible'), "accessible IN ('', 'yes', 'no')")
        batch_op.create_check_constraint(batch_op.f('ck_pitch_coverage'), "coverage IN ('', 'good', 'weak', 'none')")

    with op.batch_alter_table('tour', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answer_by', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('nudge_days', sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column('asked_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('asked_by', sa.String(length=254), server_default=sa.text("''"), nullable=False))
