"""drafts incidents options deadlines fairness

Revision ID: 1795540780
Revises: 1795472465
Create Date: 2026-11-24 17:19:40.178161
"""

import sqlalchemy as sa
from alembic import op

revision = '1795540780'
down_revision = '1795472465'
branch_labels = ()
depends_on = None

_MOVE = """OLD.state <> NEW.state AND NOT ((OLD.state = 'proposed' AND NEW.state IN ('cancelled', 'confirmed', 'held', 'option'))
 OR (OLD.state = 'option' AND NEW.state IN ('cancelled', 'confirmed', 'held', 'proposed'))
 OR (OLD.state = 'confirmed' AND NEW.state IN ('cancelled', 'held', 'postponed'))
 OR (OLD.state = 'confirmed' AND NEW.state = 'option' AND OLD.date <> NEW.date))"""
_GUARD = {
    'sqlite': (
        f"CREATE TRIGGER evening_state_moves BEFORE UPDATE ON evening WHEN {_MOVE} "
        "BEGIN SELECT RAISE(ABORT, 'an evening cannot make this move of state'); END",
    ),
    'postgresql': (
        "CREATE OR REPLACE FUNCTION evening_state_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'an evening cannot make this move of state' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER evening_state_moves BEFORE UPDATE ON evening FOR EACH ROW WHEN ({_MOVE}) "
        "EXECUTE FUNCTION evening_state_moves()",
    ),
}


def upgrade() -> None:
    op.create_table('feed_key',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_feed_key_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_feed_key')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_feed_key_key_hash'))
    )
    op.create_table('incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tour_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=True),
    sa.Column('commune_insee', sa.String(length=5), nullable=True),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('reported_by', sa.String(length=254), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('settled_at', sa.DateTime(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('breakdown', 'hall', 'storm', 'committee')", name=op.f('ck_incident_kind')),
    sa.CheckConstraint('first <= last', name=op.f('ck_incident_dates')),
    sa.ForeignKeyConstraint(['commune_insee'], ['commune.insee'], name=op.f('fk_incident_commune_insee_commune')),
    sa.ForeignKeyConstraint(['tour_id'], ['tour.id'], name=op.f('fk_incident_tour_id_tour')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_incident_vehicle_id_vehicle')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    with op.batch_alter_table('incident', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_tour_id'), ['tour_id'], unique=False)

    op.create_table('past_season',
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('commune_insee', sa.String(length=5), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('wanted', sa.Integer(), nullable=False),
    sa.Column('evenings', sa.Integer(), nullable=False),
    sa.CheckConstraint('wanted >= 0 AND evenings >= 0', name=op.f('ck_past_season_counts')),
    sa.ForeignKeyConstraint(['commune_insee'], ['commune.insee'], name=op.f('fk_past_season_commune_insee_commune')),
    sa.PrimaryKeyConstraint('label', 'commune_insee', name=op.f('pk_past_season'))
    )
    op.create_table('date_option',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('evening_id', sa.String(length=12), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=False),
    sa.Column('sent_by', sa.String(length=254), nullable=False),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('sent', 'accepted', 'refused', 'expired', 'withdrawn')", name=op.f('ck_date_option_state')),
    sa.CheckConstraint("state NOT IN ('accepted', 'refused') OR answered_by <> ''", name=op.f('ck_date_option_answered')),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_date_option_evening_id_evening')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_date_option'))
    )
    with op.batch_alter_table('date_option', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_date_option_evening_id'), ['evening_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_date_option_expires_on'), ['expires_on'], unique=False)
        batch_op.create_index('uq_date_option_open', ['evening_id'], unique=True, sqlite_where=sa.text("state = 'sent'"), postgresql_where=sa.text("state = 'sent'"))

    op.create_table('done_task',
    sa.Column('evening_id', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('done_at', sa.DateTime(), nullable=False),
    sa.Column('done_by', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['evening_id'], ['evening.id'], name=op.f('fk_done_task_evening_id_evening')),
    sa.PrimaryKeyConstraint('evening_id', 'kind', name=op.f('pk_done_task'))
    )
    _hold('evening')
    _hold('planned_evening')
    op.create_index('uq_planned_evening_vehicle_date', 'planned_evening', ['plan_id', 'vehicle_id', 'date'], unique=True)
    _plan()
    for name, type_, default in (('kind', sa.String(10), 'solve'), ('name', sa.String(80), ''), ('settings', sa.JSON(), '{}'), ('asked_by', sa.String(254), ''), ('phase', sa.String(20), '')):
        op.add_column('solver_run', sa.Column(name, type_, nullable=False, server_default=default))
    op.add_column('solver_run', sa.Column('base_id', sa.Integer(), nullable=True))
    _refer('solver_run', 'incident_id', 'incident')
    op.add_column('unserved_wish', sa.Column('date', sa.Date(), nullable=True))
    _refer('unserved_wish', 'vehicle_id', 'vehicle')
    for table in ('committee', 'contact', 'commune_request', 'fallback_venue', 'pitch', 'tour', 'vehicle'):
        op.add_column(table, sa.Column('saved_by', sa.String(254), nullable=False, server_default=''))
        op.add_column(table, sa.Column('saved_at', sa.DateTime(), nullable=True))
    _refer('committee', 'merged_into_id', 'committee')
    for statement in _GUARD[op.get_bind().dialect.name]:
        op.execute(statement)


def _hold(table: str) -> None:
    """What models.holding adds: a constraint among columns may stand on the last of them, so SQLite copies no table."""
    op.add_column(table, sa.Column('pinned', sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, length in (('waived', 120), ('waived_why', 300), ('waived_by', 254)):
        op.add_column(table, sa.Column(name, sa.String(length), nullable=False, server_default=''))
    signed = sa.CheckConstraint("waived = '' OR (pinned AND waived_why <> '' AND waived_by <> '' AND waived_at IS NOT NULL)", name=op.f('ck_%s_waived' % table))
    op.add_column(table, sa.Column('waived_at', sa.DateTime(), signed, nullable=True))


def _refer(table: str, name: str, target: str) -> None:
    """SQLite takes a new reference without copying the table, Alembic does not know that."""
    op.execute('ALTER TABLE %(table)s ADD COLUMN %(name)s INTEGER CONSTRAINT fk_%(table)s_%(name)s_%(target)s REFERENCES %(target)s (id)' % {'table': table, 'name': name, 'target': target})


def _plan() -> None:
    """A plan need not come from a run any more, and a run may give several.

    SQLite copies the table for that. Dropping the old one would delete what refers to it (ON DELETE CASCADE), so that
    foreign keys are not looked at meanwhile; that can only be said outside a transaction.
    """
    sqlite = op.get_bind().dialect.name == 'sqlite'
    if sqlite:
        with op.get_context().autocommit_block():
            op.execute('PRAGMA foreign_keys=OFF')
        if op.get_bind().execute(sa.text('PRAGMA foreign_keys')).scalar():
            raise RuntimeError('the plans cannot be copied while foreign keys are looked at: nothing was changed')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_plan_run_id'), type_='unique')
        batch_op.alter_column('run_id', existing_type=sa.INTEGER(), nullable=True)
        batch_op.add_column(sa.Column('parent_id', sa.Integer(), nullable=True))
        for name, type_, default in (('name', sa.String(80), ''), ('settings', sa.JSON(), '{}'), ('change', sa.JSON(), '{}'), ('approach', sa.String(20), ''), ('proof', sa.JSON(), '[]'), ('made_by', sa.String(254), '')):
            batch_op.add_column(sa.Column(name, type_, nullable=False, server_default=default))
        batch_op.add_column(sa.Column('shown_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('season_at', sa.DateTime(), nullable=True))
        batch_op.create_index(batch_op.f('ix_plan_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_run_id'), ['run_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_plan_parent_id_plan'), 'plan', ['parent_id'], ['id'])
    op.execute('UPDATE plan SET shown_at = created_at, season_at = (SELECT created_at FROM solver_run WHERE id = run_id)')
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.alter_column('season_at', existing_type=sa.DateTime(), nullable=False)
    if sqlite:
        with op.get_context().autocommit_block():
            op.execute('PRAGMA foreign_keys=ON')


def downgrade() -> None:
    raise NotImplementedError('plans without a run, options and incidents have no place in the older schema: restore a backup')
