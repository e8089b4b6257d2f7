//! What every noun's SQL runs through.

use sqlx::{ColumnIndex, Database, Decode, FromRow, Row, Type};
use uuid::Uuid;

use super::{
    changes::Hints,
    refusal::refusal,
    transaction::{Standing, answer},
};
use crate::ports::repository::{Hint, StoreError, StoreResult};

pub(super) type Query<'q, DB> = sqlx::query::Query<'q, DB, <DB as Database>::Arguments>;

/// One noun of a unit of work.
pub(super) struct Repository<'w, DB: Database> {
    pub(super) connection: &'w mut DB::Connection,
    /// Bad after the first statement that failed, see [`Repository::ready`].
    pub(super) standing: &'w mut Standing,
    /// Told with the commit.
    pub(super) hints: &'w mut Hints,
    pub(super) noun: &'static str,
}

/// A row that can say which one it is.
pub(super) trait Record {
    const TABLE: &'static str;
    /// The column that tells rows apart.
    const KEY: &'static str = "id";
}

impl<DB: Database> Repository<'_, DB> {
    /// PostgreSQL refuses everything after a failed statement and turns the commit into a rollback without a word;
    /// so that nobody counts on more with SQLite, both refuse here, and the commit does too.
    fn ready(&self) -> StoreResult<()> {
        if *self.standing == Standing::Good { Ok(()) } else { Err(broken()) }
    }

    /// Others learn of it when the unit of work commits.
    pub(super) fn tell(&mut self, hint: Hint) {
        self.hints.insert(hint);
    }

    fn failed(&mut self, error: &sqlx::Error) -> StoreError {
        if *self.standing == Standing::Good {
            *self.standing = Standing::Broken;
        }
        refusal(error, self.noun)
    }
}

pub(super) fn broken() -> StoreError {
    StoreError::Unavailable("a statement of this unit of work failed before, it can only be dropped".into())
}

macro_rules! implement {
    ($Db:ty) => {
        impl Repository<'_, $Db> {
            /// Returns how many rows it touched.
            pub(super) async fn execute(&mut self, query: Query<'_, $Db>) -> StoreResult<u64> {
                self.ready()?;
                match answer(query.execute(&mut *self.connection), self.standing).await {
                    Ok(result) => Ok(result.rows_affected()),
                    Err(error) => Err(self.failed(&error)),
                }
            }

            /// [`StoreError::Stale`] when it touched no row.
            pub(super) async fn touch(&mut self, query: Query<'_, $Db>) -> StoreResult<()> {
                match self.execute(query).await? {
                    0 => Err(StoreError::Stale(self.noun)),
                    _ => Ok(()),
                }
            }

            pub(super) async fn rows<T>(&mut self, query: Query<'_, $Db>) -> StoreResult<Vec<T>>
            where
                T: Record + for<'r> FromRow<'r, <$Db as Database>::Row>,
            {
                self.ready()?;
                match answer(query.fetch_all(&mut *self.connection), self.standing).await {
                    Ok(rows) => rows.iter().map(decode).collect(),
                    Err(error) => Err(self.failed(&error)),
                }
            }

            pub(super) async fn row<T>(&mut self, query: Query<'_, $Db>) -> StoreResult<Option<T>>
            where
                T: Record + for<'r> FromRow<'r, <$Db as Database>::Row>,
            {
                self.ready()?;
                match answer(query.fetch_optional(&mut *self.connection), self.standing).await {
                    Ok(row) => row.as_ref().map(decode).transpose(),
                    Err(error) => Err(self.failed(&error)),
                }
            }

            /// The one column of the first row.
            pub(super) async fn value<T>(&mut self, query: Query<'_, $Db>) -> StoreResult<Option<T>>
            where
                T: for<'r> Decode<'r, $Db> + Type<$Db>,
            {
                self.ready()?;
                let value = match answer(query.fetch_optional(&mut *self.connection), self.standing).await {
                    Ok(row) => row.map(|row| row.try_get(0)).transpose(),
                    Err(error) => Err(error),
                };
                value.map_err(|error| self.failed(&error))
            }
        }
    };
}

for_each_engine!(implement);

fn decode<'r, T, R>(row: &'r R) -> StoreResult<T>
where
    T: Record + FromRow<'r, R>,
    R: Row,
    &'static str: ColumnIndex<R>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    T::from_row(row).map_err(|error| {
        let uuid = || row.try_get::<Uuid, _>(T::KEY).map(|key| key.to_string());
        let number = |_| row.try_get::<i64, _>(T::KEY).map(|key| key.to_string());
        let text = |_| row.try_get::<&str, _>(T::KEY).map(ToOwned::to_owned);
        StoreError::Corrupt {
            table: T::TABLE,
            id: uuid().or_else(number).or_else(text).unwrap_or_else(|_| "?".into()),
            reason: error.to_string(),
        }
    })
}
