//! The few statements in which the engines differ. A list that grows much longer is a reason to think again.

use std::future::Future;

use sqlx::{Database, Postgres, Sqlite};

pub(super) trait Dialect: Database {
    const BEGIN_WRITE: &'static str;
    /// One state of the database for the whole unit of work, and no way to write.
    const BEGIN_READ: &'static str;
    /// Binds: holder, until, now, limit, horizon.
    const CLAIM_DUE: &'static str;
    /// Appended to a query by primary key: holds the rows to the end of the unit of work.
    const HOLD: &'static str;
    /// Tells other servers, with the commit. Binds: what.
    const NOTIFY: Option<&'static str>;
    /// Whether servers on other machines may use the same database.
    const IS_SHARED: bool;

    /// Ends a transaction without effect. `false` when the connection cannot be used any more.
    fn roll_back(connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;
}

macro_rules! roll_back {
    () => {
        async fn roll_back(connection: &mut Self::Connection) -> bool {
            sqlx::query("ROLLBACK").execute(connection).await.is_ok()
        }
    };
}

/// The inner query is materialized: it must run once, or it would lease more than its limit.
macro_rules! claim_due {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (
                SELECT id FROM workspaces
                WHERE (lease_holder IS NULL AND (due_at <= $3 OR due_at > $5))
                   OR lease_until <= $3 OR lease_until > $5
                ORDER BY COALESCE(due_at, lease_until), id LIMIT $4 ",
            $lock,
            ")
            UPDATE workspaces
            SET lease_holder = $1, lease_until = $2, lease_token = lease_token + 1, due_at = NULL
            WHERE id IN (SELECT id FROM due)
            RETURNING id, lease_token"
        )
    };
}

impl Dialect for Sqlite {
    // Taken at the start: a transaction that read first and writes later fails at once when another one wrote meanwhile,
    // whatever the busy timeout.
    const BEGIN_WRITE: &'static str = "BEGIN IMMEDIATE";
    // The connections for reading have `query_only` set.
    const BEGIN_READ: &'static str = "BEGIN";
    // There is one writer at a time.
    const CLAIM_DUE: &'static str = claim_due!("");
    const HOLD: &'static str = "";
    const NOTIFY: Option<&'static str> = None;
    const IS_SHARED: bool = false;

    roll_back!();
}

impl Dialect for Postgres {
    const BEGIN_WRITE: &'static str = "BEGIN";
    const BEGIN_READ: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    const CLAIM_DUE: &'static str = claim_due!("FOR UPDATE SKIP LOCKED");
    // Rows that refer to it can still be written.
    const HOLD: &'static str = " FOR NO KEY UPDATE";
    const NOTIFY: Option<&'static str> = Some("SELECT pg_notify('devsanctum', $1)");
    const IS_SHARED: bool = true;

    roll_back!();
}
