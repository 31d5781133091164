"""How often a person is mailed: a choice for each group of notifications (groups that were muted are never mailed),
quiet hours, digests; and what mailboxes sort emails by.
"""

from alembic import context, op

revision = "0208"
down_revision = "0207"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE notification_choice (
    user_id bigint NOT NULL,
    notification_group text NOT NULL,
    frequency varchar(24) NOT NULL,
    CONSTRAINT pk_notification_choice PRIMARY KEY (user_id, notification_group),
    CONSTRAINT fk_notification_choice_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT ck_notification_choice_frequency CHECK (frequency IN ('at_once', 'daily', 'weekly', 'never'))
);
INSERT INTO notification_choice (user_id, notification_group, frequency)
SELECT user_id, notification_group, 'never' FROM muted_notification_group;
DROP TABLE muted_notification_group;

CREATE TABLE quiet_hours (
    user_id bigint NOT NULL,
    begins smallint NOT NULL,
    ends smallint NOT NULL,
    CONSTRAINT pk_quiet_hours PRIMARY KEY (user_id),
    CONSTRAINT fk_quiet_hours_user_id FOREIGN KEY (user_id) REFERENCES "user" (id),
    CONSTRAINT ck_quiet_hours_hours CHECK (begins BETWEEN 0 AND 23 AND ends BETWEEN 0 AND 23 AND begins <> ends)
);

CREATE TABLE digest (
    user_id bigint NOT NULL,
    due_at timestamptz NOT NULL,
    created_at timestamptz DEFAULT crowd_now() NOT NULL,
    CONSTRAINT pk_digest PRIMARY KEY (user_id, due_at),
    CONSTRAINT fk_digest_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);

ALTER TABLE notification ADD COLUMN due_at timestamptz;
CREATE INDEX ix_notification_due ON notification (user_id, due_at) WHERE mailed_at IS NULL AND due_at IS NOT NULL;
ALTER TABLE outgoing_email ADD COLUMN list_name text, ADD COLUMN thread text;
"""

BACK = """
CREATE TABLE muted_notification_group (
    user_id bigint NOT NULL,
    notification_group text NOT NULL,
    CONSTRAINT pk_muted_notification_group PRIMARY KEY (user_id, notification_group),
    CONSTRAINT fk_muted_notification_group_user_id FOREIGN KEY (user_id) REFERENCES "user" (id)
);
INSERT INTO muted_notification_group (user_id, notification_group)
SELECT user_id, notification_group FROM notification_choice WHERE frequency = 'never';
DROP TABLE notification_choice, quiet_hours, digest;
ALTER TABLE notification DROP COLUMN due_at;
ALTER TABLE outgoing_email DROP COLUMN list_name, DROP COLUMN thread;
"""


def upgrade() -> None:
    op.execute(TABLES)
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON notification_choice, quiet_hours, digest TO {role}")


def downgrade() -> None:
    op.execute(BACK)
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON muted_notification_group TO {role}")
