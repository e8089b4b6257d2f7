//! A connection in a transaction of our own. sqlx's own transactions remember how deep they are: one that SQLite ended by
//! itself, because the disk was full, leaves a connection on which none can ever begin again.

use std::{future::Future, time::Duration};

use sqlx::{Pool, pool::PoolConnection};

use super::dialect::Dialect;

/// A statement that is not answered within this time counts as failed: a database can be paused without closing a
/// connection.
const ANSWER: Duration = Duration::from_secs(10);

/// What can still be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// A statement failed: it can only be rolled back.
    Broken,
    /// Nobody knows what the other side is doing: the connection is closed.
    Lost,
}

/// Rolled back when it is dropped.
pub(super) struct Transaction<DB: Dialect> {
    /// Taken out only when it is over or dropped.
    connection: Option<PoolConnection<DB>>,
    standing: Standing,
}

impl<DB: Dialect> Transaction<DB> {
    /// Nothing has begun yet. Whoever stops waiting in the middle of beginning drops it, and so leaves nothing behind.
    pub(super) async fn on(pool: &Pool<DB>) -> sqlx::Result<Self> {
        Ok(Self { connection: Some(pool.acquire().await?), standing: Standing::Good })
    }

    pub(super) fn parts(&mut self) -> (&mut DB::Connection, &mut Standing) {
        match self.connection.as_deref_mut() {
            Some(connection) => (connection, &mut self.standing),
            None => unreachable!("the connection is there for as long as the transaction"),
        }
    }

    /// It has been committed: the connection is as good as new.
    pub(super) fn over(mut self) {
        self.connection = None;
    }
}

impl<DB: Dialect> Drop for Transaction<DB> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let runtime = tokio::runtime::Handle::try_current();
        match (self.standing, runtime) {
            (Standing::Good | Standing::Broken, Ok(runtime)) => {
                runtime.spawn(async move {
                    let rolled_back = tokio::time::timeout(ANSWER, DB::roll_back(&mut connection)).await;
                    if rolled_back != Ok(true) {
                        drop(connection.detach());
                    }
                });
            }
            _ => drop(connection.detach()),
        }
    }
}

/// Waits for the answer to a statement, and says what the connection is good for afterwards.
pub(super) async fn answer<T>(
    statement: impl Future<Output = sqlx::Result<T>>,
    standing: &mut Standing,
) -> sqlx::Result<T> {
    // Until there is an answer; a caller that stops waiting leaves it so.
    *standing = Standing::Lost;
    let answered = tokio::time::timeout(ANSWER, statement).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    *standing = match &answered {
        Ok(_) => Standing::Good,
        Err(sqlx::Error::Database(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
            Standing::Broken
        }
        Err(_) => Standing::Lost,
    };
    answered
}
