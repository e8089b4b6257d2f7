use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    column::{Document, Word, amount},
    page::{BATCH, newest, push_ids, push_page},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        deployment::{
            Deployment, DeploymentKind, DeploymentStatus, Failure, LogLine, LogStream, NumberedLogLine, Step,
            StepName, StepStatus,
        },
        ids::{DeploymentId, WorkspaceId},
        names::ComponentName,
    },
    ports::repository::{DeploymentRepository, PageRequest, StoreError, StoreResult, text::storable},
};

#[derive(FromRow)]
struct DeploymentRow {
    id: Uuid,
    workspace_id: Uuid,
    kind: Word<DeploymentKind>,
    status: Word<DeploymentStatus>,
    generation: i64,
    requested_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    error: Option<Json<Failure>>,
}

impl Record for DeploymentRow {
    const TABLE: &'static str = "deployments";
}

impl From<DeploymentRow> for Deployment {
    fn from(row: DeploymentRow) -> Self {
        Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            kind: row.kind.0,
            status: row.status.0,
            generation: row.generation,
            requested_by: row.requested_by.map(Into::into),
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            error: row.error.map(|error| error.0),
        }
    }
}

#[derive(FromRow)]
struct StepRow {
    position: i32,
    name: Word<StepName>,
    component: Option<Word<ComponentName>>,
    status: Word<StepStatus>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    detail: String,
}

impl Record for StepRow {
    const TABLE: &'static str = "deployment_steps";
    const KEY: &'static str = "deployment_id";
}

impl From<StepRow> for Step {
    fn from(row: StepRow) -> Self {
        Self {
            position: row.position,
            name: row.name.0,
            component: row.component.map(|component| component.0),
            status: row.status.0,
            started_at: row.started_at,
            finished_at: row.finished_at,
            detail: row.detail,
        }
    }
}

#[derive(FromRow)]
struct LogRow {
    number: i64,
    at: DateTime<Utc>,
    step: Word<StepName>,
    component: Option<Word<ComponentName>>,
    stream: Word<LogStream>,
    text: String,
}

impl Record for LogRow {
    const TABLE: &'static str = "deployment_logs";
    const KEY: &'static str = "deployment_id";
}

impl From<LogRow> for NumberedLogLine {
    fn from(row: LogRow) -> Self {
        let line = LogLine {
            at: row.at,
            step: row.step.0,
            component: row.component.map(|component| component.0),
            stream: row.stream.0,
            text: row.text,
        };
        Self { number: row.number, line }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, workspace_id, kind, status, generation, requested_by, created_at, started_at, finished_at, error
             FROM deployments ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl DeploymentRepository for Repository<'_, $Db> {
            async fn add(&mut self, deployment: &Deployment) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO deployments (id, workspace_id, kind, status, generation, requested_by,
                                              created_at, started_at, finished_at, error, last_line)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
                )
                .bind(deployment.id.as_uuid())
                .bind(deployment.workspace_id.as_uuid())
                .bind(deployment.kind.as_str())
                .bind(deployment.status.as_str())
                .bind(deployment.generation)
                .bind(deployment.requested_by.map(Uuid::from))
                .bind(deployment.created_at)
                .bind(deployment.started_at)
                .bind(deployment.finished_at)
                .bind(deployment.error.as_ref().map(Document));
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: DeploymentId) -> StoreResult<Option<Deployment>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<DeploymentRow>(query).await?.map(Into::into))
            }

            async fn find_many(&mut self, ids: &[DeploymentId]) -> StoreResult<Vec<Deployment>> {
                let mut deployments = Vec::with_capacity(ids.len());
                for batch in ids.chunks(BATCH) {
                    let mut query = QueryBuilder::new(select!("WHERE id IN ("));
                    push_ids(&mut query, batch);
                    deployments.extend(self.rows::<DeploymentRow>(query.build()).await?);
                }
                Ok(deployments.into_iter().map(Into::into).collect())
            }

            async fn list(
                &mut self,
                workspace: WorkspaceId,
                page: &PageRequest,
            ) -> StoreResult<Vec<Deployment>> {
                let mut query = QueryBuilder::new(select!("WHERE workspace_id = "));
                query.push_bind(workspace.as_uuid());
                push_page(&mut query, &newest(page), "kind");
                let rows = self.rows::<DeploymentRow>(query.build()).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn begin(&mut self, id: DeploymentId, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE deployments SET status = 'running', started_at = COALESCE(started_at, $2)
                     WHERE id = $1 AND finished_at IS NULL",
                );
                self.touch(query.bind(id.as_uuid()).bind(now)).await
            }

            async fn finish(
                &mut self,
                id: DeploymentId,
                status: DeploymentStatus,
                error: Option<&Failure>,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE deployments SET status = $2, error = $3, finished_at = $4
                     WHERE id = $1 AND finished_at IS NULL",
                )
                .bind(id.as_uuid())
                .bind(status.as_str())
                .bind(error.map(Document))
                .bind(now);
                self.touch(query).await?;
                // Deployments and steps end in the same words.
                let query = sqlx::query(
                    "UPDATE deployment_steps
                     SET status = CASE status WHEN 'running' THEN $2 ELSE 'skipped' END, finished_at = $3
                     WHERE deployment_id = $1 AND status IN ('pending', 'running')",
                )
                .bind(id.as_uuid())
                .bind(status.as_str())
                .bind(now);
                self.execute(query).await.map(drop)
            }

            async fn steps(&mut self, id: DeploymentId) -> StoreResult<Vec<Step>> {
                let query = sqlx::query(
                    "SELECT deployment_id, position, name, component, status, started_at, finished_at, detail
                     FROM deployment_steps WHERE deployment_id = $1 ORDER BY position",
                );
                let rows = self.rows::<StepRow>(query.bind(id.as_uuid())).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn record_steps(&mut self, id: DeploymentId, steps: &[Step]) -> StoreResult<()> {
                for batch in steps.chunks(BATCH) {
                    let mut query = QueryBuilder::new(
                        "INSERT INTO deployment_steps (deployment_id, position, name, component, status,
                                                       started_at, finished_at, detail) ",
                    );
                    query.push_values(batch, |mut row, step| {
                        row.push_bind(id.as_uuid())
                            .push_bind(step.position)
                            .push_bind(step.name.as_str())
                            .push_bind(step.component.as_ref().map(ComponentName::as_str))
                            .push_bind(step.status.as_str())
                            .push_bind(step.started_at)
                            .push_bind(step.finished_at)
                            .push_bind(storable(&step.detail));
                    });
                    query.push(
                        " ON CONFLICT (deployment_id, position) DO UPDATE
                          SET name = excluded.name, component = excluded.component, status = excluded.status,
                              started_at = excluded.started_at, finished_at = excluded.finished_at,
                              detail = excluded.detail",
                    );
                    self.execute(query.build()).await?;
                }
                Ok(())
            }

            async fn append_logs(&mut self, id: DeploymentId, lines: &[LogLine]) -> StoreResult<()> {
                if lines.is_empty() {
                    return Ok(());
                }
                let count = amount(lines.len() as u64);
                // Holds the deployment's row: lines of two writers become visible in the order of their numbers.
                let query = sqlx::query(
                    "UPDATE deployments SET last_line = last_line + $2 WHERE id = $1 RETURNING last_line",
                );
                let last = self.value::<i64>(query.bind(id.as_uuid()).bind(count)).await?;
                let last = last.ok_or(StoreError::Reference(self.noun))?;
                let mut numbered = (last - count + 1..).zip(lines);
                for batch in lines.chunks(BATCH) {
                    let mut query = QueryBuilder::new(
                        "INSERT INTO deployment_logs (deployment_id, number, at, step, component, stream, text) ",
                    );
                    query.push_values(numbered.by_ref().take(batch.len()), |mut row, (number, line)| {
                        row.push_bind(id.as_uuid())
                            .push_bind(number)
                            .push_bind(line.at)
                            .push_bind(line.step.as_str())
                            .push_bind(line.component.as_ref().map(ComponentName::as_str))
                            .push_bind(line.stream.as_str())
                            .push_bind(storable(&line.text));
                    });
                    self.execute(query.build()).await?;
                }
                Ok(())
            }

            async fn logs(
                &mut self,
                id: DeploymentId,
                after: i64,
                limit: u32,
            ) -> StoreResult<Vec<NumberedLogLine>> {
                let query = sqlx::query(
                    "SELECT deployment_id, number, at, step, component, stream, text FROM deployment_logs
                     WHERE deployment_id = $1 AND number > $2 ORDER BY number LIMIT $3",
                )
                .bind(id.as_uuid())
                .bind(after)
                .bind(i64::from(limit));
                let rows = self.rows::<LogRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }
        }
    };
}

for_each_engine!(implement);
