"""messages by e-mail, to hosts; calls, templates, gateways

Revision ID: 1795692998
Revises: 1795540780
Create Date: 2026-11-26 11:36:38.392791
"""

import sqlalchemy as sa
from alembic import op

revision = '1795692998'
down_revision = '1795540780'
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
            raise RuntimeError('subscribers cannot be copied while foreign keys are looked at: nothing was changed')
    _change()
    # who has said STOP before there was a list of them
    op.execute("INSERT INTO opposition (address_hash, said_by, at) "
               "SELECT phone_hash, 'link', opted_out_at FROM subscriber WHERE opted_out_at IS NOT NULL")
    if sqlite:
        with op.get_context().autocommit_block():
            op.execute('PRAGMA foreign_keys=ON')


def downgrade() -> None:
    raise NotImplementedError('e-mails, calls and messages to hosts have no place in the older schema: restore a backup')


def _change() -> None:
    op.create_table('gateway',
    sa.Column('channel', sa.String(length=5), nullable=False),
    sa.Column('paused_at', sa.DateTime(), nullable=True),
    sa.Column('paused_by', sa.String(length=254), nullable=False),
    sa.Column('pause_reason', sa.String(length=300), nullable=False),
    sa.Column('down_since', sa.DateTime(), nullable=True),
    sa.Column('last_error', sa.String(length=300), nullable=False),
    sa.Column('tokens', sa.Double(), nullable=False),
    sa.Column('tokens_at', sa.DateTime(), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('spent', sa.Integer(), nullable=False),
    sa.Column('raised', sa.Integer(), nullable=False),
    sa.Column('capped', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('channel', name=op.f('pk_gateway'))
    )
    op.create_table('message_template',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('saved_by', sa.String(length=254), server_default=sa.text("''"), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key', 'locale', name=op.f('pk_message_template'))
    )
    op.create_table('opposition',
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('said_by', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('address_hash', name=op.f('pk_opposition'))
    )
    op.create_table('call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('evening_id', sa.String(length=12), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('rung_at', sa.DateTime(), nullable=True),
    sa.Column('rung_by', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.CheckConstraint("state IN ('to_ring', 'reached', 'unreached')", name=op.f('ck_call_state')),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_call_evening_id_evening')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_call_subscriber_id_subscriber'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('evening_id', 'subscriber_id', 'kind', 'number', name=op.f('uq_call_evening_id_subscriber_id_kind_number'))
    )
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_evening_id'), ['evening_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_call_subscriber_id'), ['subscriber_id'], unique=False)

    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.add_column(sa.Column('medium', sa.String(length=5), server_default=sa.text("'sms'"), nullable=False))
        batch_op.add_column(sa.Column('recorded_by', sa.String(length=254), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('evidence', sa.String(length=300), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('week_ahead', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('new_evenings', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stop_token_hash', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_contact_stop_token_hash'), ['stop_token_hash'], unique=False)

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contact_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('tour_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('channel', sa.String(length=5), server_default=sa.text("'sms'"), nullable=False))
        batch_op.add_column(sa.Column('takes_over', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('subject', sa.String(length=200), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('ended_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('looks', sa.Integer(), server_default=sa.text('0'), nullable=False))
        batch_op.add_column(sa.Column('looked_at', sa.DateTime(), nullable=True))
        batch_op.alter_column('subscriber_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.drop_constraint(batch_op.f('uq_message_evening_id_subscriber_id_kind_number'), type_='unique')
        batch_op.create_index(batch_op.f('ix_message_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_takes_over'), ['takes_over'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_tour_id'), ['tour_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_message_evening_id_contact_id_kind_number_channel'), ['evening_id', 'contact_id', 'kind', 'number', 'channel'])
        batch_op.create_unique_constraint(batch_op.f('uq_message_evening_id_subscriber_id_kind_number_channel'), ['evening_id', 'subscriber_id', 'kind', 'number', 'channel'])
        batch_op.create_unique_constraint(batch_op.f('uq_message_tour_id_contact_id_kind_number_channel'), ['tour_id', 'contact_id', 'kind', 'number', 'channel'])
        batch_op.create_check_constraint(batch_op.f('ck_message_channel'), "channel IN ('sms', 'email')")
        batch_op.create_check_constraint(batch_op.f('ck_message_person'), '(subscriber_id IS NULL) <> (contact_id IS NULL)')
        batch_op.create_foreign_key(batch_op.f('fk_message_takes_over_message'), 'message', ['takes_over'], ['id'], ondelete='SET NULL')
        batch_op.create_foreign_key(batch_op.f('fk_message_tour_id_tour'), 'tour', ['tour_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_message_contact_id_contact'), 'contact', ['contact_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('subscriber', schema=None) as batch_op:
        batch_op.add_column(sa.Column('landline', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('name_encrypted', sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('email_encrypted', sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column('email_hash', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('email_confirmed_at', sa.DateTime(), nullable=True))
        batch_op.alter_column('phone_hash',
               existing_type=sa.VARCHAR(length=64),
               nullable=True)
        batch_op.create_check_constraint(batch_op.f('ck_subscriber_address'), 'phone_hash IS NOT NULL OR email_hash IS NOT NULL')
        batch_op.create_index(batch_op.f('ix_subscriber_email_hash'), ['email_hash'], unique=False)
        batch_op.create_index('uq_subscriber_email_alone', ['email_hash'], unique=True, sqlite_where=sa.text('phone_hash IS NULL'), postgresql_where=sa.text('phone_hash IS NULL'))

    with op.batch_alter_table('subscription', schema=None) as batch_op:
        batch_op.add_column(sa.Column('week_ahead', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('new_evenings', sa.Boolean(), server_default=sa.false(), nullable=False))
