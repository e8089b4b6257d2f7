//! A fresh, empty store of each kind for one test, gone when the test ends, however it ends.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    panic::{AssertUnwindSafe, resume_unwind},
    str::FromStr,
    sync::Arc,
};

use devsanctum::{adapters, ports::repository::Store, testing::store::MemoryStore};
use futures::FutureExt;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

pub async fn memory<F: Future<Output = ()>>(test: impl FnOnce(Arc<dyn Store>) -> F) {
    test(Arc::new(MemoryStore::default())).await;
}

pub async fn sqlite<F: Future<Output = ()>>(test: impl FnOnce(Arc<dyn Store>) -> F) {
    let directory = tempfile::tempdir().unwrap();
    let store = adapters::store::open_file(&directory.path().join("test.db")).await.unwrap();
    test(store).await;
}

pub async fn postgres<F: Future<Output = ()>>(test: impl FnOnce(Arc<dyn Store>) -> F) {
    with_database(async |url| test(adapters::store::open(&url).await.unwrap()).await).await;
}

/// Runs `body` with the URL of an empty PostgreSQL database of its own.
pub async fn with_database(body: impl AsyncFnOnce(String)) {
    let server =
        PgConnectOptions::from_str(&server_url()).expect("DEVSANCTUM_TEST_POSTGRES_URL is a postgres:// URL");
    let name = format!("devsanctum_test_{:016x}", RandomState::new().build_hasher().finish());
    execute(&server, format!("CREATE DATABASE {name}")).await;
    let url = server.clone().database(&name).to_url_lossy().to_string();
    let outcome = AssertUnwindSafe(body(url)).catch_unwind().await;
    execute(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the test server runs is known only to whoever started it"
)]
fn server_url() -> String {
    std::env::var("DEVSANCTUM_TEST_POSTGRES_URL").expect(
        "DEVSANCTUM_TEST_POSTGRES_URL is not set. It names a PostgreSQL server whose user may create databases, for \
         instance postgres://devsanctum@127.0.0.1:5432/postgres; `make test` starts one",
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "a database's name cannot be bound, and this one is made above"
)]
async fn execute(server: &PgConnectOptions, statement: String) {
    let mut connection = PgConnection::connect_with(server).await.expect("the test server answers");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
