//! Word of commits. On PostgreSQL it travels with the transaction (NOTIFY) to every server that listens; SQLite's stays
//! in the process, where another process on the same file is found by the timers.

use std::{collections::BTreeSet, collections::VecDeque, time::Duration};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use sqlx::{
    Pool, Postgres,
    pool::PoolOptions,
    postgres::{PgConnectOptions, PgListener},
};
use tokio::{sync::broadcast, time::timeout};
use tokio_stream::wrappers::BroadcastStream;

use crate::ports::repository::Hint;

/// PostgreSQL keeps channels of one database apart from those of others.
const CHANNEL: &str = "devsanctum";
/// A payload is shorter than 8000 bytes, or the transaction fails.
const LONGEST_PAYLOAD: usize = 7_000;
/// Hints that may wait for a slow listener in this process.
const BACKLOG: usize = 1_024;
/// A connection on which nothing came for so long is asked whether it still lives.
const QUIET: Duration = Duration::from_secs(10);
/// For the answer to that, and for connecting.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What a unit of work has to tell.
pub(super) type Hints = BTreeSet<Hint>;

pub(super) enum Changes {
    InProcess(broadcast::Sender<Hint>),
    /// Each listener has a connection of its own and takes none from those who work.
    Notified(Box<PgConnectOptions>),
}

impl Changes {
    pub(super) fn in_process() -> Self {
        Self::InProcess(broadcast::Sender::new(BACKLOG))
    }

    pub(super) fn notified(options: PgConnectOptions) -> Self {
        Self::Notified(Box::new(options))
    }

    /// After the commit; on PostgreSQL it has been told with it.
    pub(super) fn committed(&self, hints: &Hints) {
        if let Self::InProcess(sender) = self {
            for hint in hints {
                // Nobody listening is fine.
                let _ = sender.send(*hint);
            }
        }
    }

    pub(super) fn follow(&self) -> BoxStream<'static, Hint> {
        match self {
            Self::InProcess(sender) => {
                let live = BroadcastStream::new(sender.subscribe()).map(|hint| hint.unwrap_or(Hint::Resync));
                stream::iter([Hint::Resync]).chain(live).chain(stream::pending()).boxed()
            }
            Self::Notified(options) => {
                let pool = PoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
                let listening = Listening {
                    pool: pool.connect_lazy_with(PgConnectOptions::clone(options)),
                    connection: None,
                    pause: FIRST_PAUSE,
                    told: VecDeque::new(),
                };
                stream::unfold(listening, async |mut listening| Some((listening.next().await, listening)))
                    .boxed()
            }
        }
    }
}

struct Listening {
    pool: Pool<Postgres>,
    connection: Option<PgListener>,
    /// Before the next try to connect.
    pause: Duration,
    told: VecDeque<Hint>,
}

impl Listening {
    async fn next(&mut self) -> Hint {
        loop {
            if let Some(hint) = self.told.pop_front() {
                return hint;
            }
            let Some(connection) = &mut self.connection else {
                match connect(&self.pool).await {
                    Ok(connection) => {
                        self.connection = Some(connection);
                        self.pause = FIRST_PAUSE;
                        return Hint::Resync;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "changes cannot be listened for; the timers find them");
                        tokio::time::sleep(self.pause).await;
                        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                        continue;
                    }
                }
            };
            let lost = match timeout(QUIET, connection.try_recv()).await {
                Ok(Ok(Some(word))) => {
                    self.told.extend(parse(word.payload()));
                    None
                }
                Ok(Ok(None)) => Some("it was closed".to_owned()),
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => {
                    let asked = timeout(PATIENCE, sqlx::query("SELECT 1").execute(connection)).await;
                    match asked {
                        Ok(Ok(_)) => None,
                        Ok(Err(error)) => Some(error.to_string()),
                        Err(_) => Some("it does not answer".to_owned()),
                    }
                }
            };
            if let Some(reason) = lost {
                tracing::warn!(reason, "the connection that listens for changes was lost");
                self.connection = None;
            }
        }
    }
}

async fn connect(pool: &Pool<Postgres>) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// As one payload; `None` when there is nothing to tell.
pub(super) fn payload(hints: &Hints) -> Option<String> {
    if hints.is_empty() {
        return None;
    }
    let words: Vec<String> = hints.iter().map(|hint| word(*hint)).collect();
    let payload = words.join(" ");
    Some(if payload.len() > LONGEST_PAYLOAD { word(Hint::Resync) } else { payload })
}

fn word(hint: Hint) -> String {
    match hint {
        Hint::Resync => "resync".into(),
        Hint::Events => "events".into(),
        Hint::Workspaces => "workspaces".into(),
        Hint::Routes => "routes".into(),
        Hint::RollCall => "roll-call".into(),
        Hint::Replicas => "replicas".into(),
        Hint::Session(id) => format!("session:{id}"),
        Hint::ApiToken(id) => format!("token:{id}"),
        Hint::SigningKeys => "signing-keys".into(),
        Hint::User(id) => format!("user:{id}"),
    }
}

/// What a newer version says and this one does not know is worth a look everywhere.
fn parse(payload: &str) -> impl Iterator<Item = Hint> {
    payload.split_ascii_whitespace().map(|word| match word {
        "events" => Hint::Events,
        "workspaces" => Hint::Workspaces,
        "routes" => Hint::Routes,
        "roll-call" => Hint::RollCall,
        "replicas" => Hint::Replicas,
        "signing-keys" => Hint::SigningKeys,
        word => match word.split_once(':') {
            Some(("session", id)) => id.parse().map_or(Hint::Resync, Hint::Session),
            Some(("token", id)) => id.parse().map_or(Hint::Resync, Hint::ApiToken),
            Some(("user", id)) => id.parse().map_or(Hint::Resync, Hint::User),
            _ => Hint::Resync,
        },
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn hints_survive_the_way_over_the_wire() {
        let all = Hints::from([
            Hint::Resync,
            Hint::Events,
            Hint::Workspaces,
            Hint::Routes,
            Hint::RollCall,
            Hint::Replicas,
            Hint::Session(Uuid::from_u128(7).into()),
            Hint::User(Uuid::from_u128(8).into()),
            Hint::ApiToken(Uuid::from_u128(9).into()),
            Hint::SigningKeys,
        ]);
        assert_eq!(parse(&payload(&all).unwrap()).collect::<Hints>(), all);
        assert_eq!(payload(&Hints::new()), None);
    }

    #[test]
    fn too_much_to_tell_is_a_look_everywhere() {
        let many: Hints = (0..1_000).map(|number| Hint::Session(Uuid::from_u128(number).into())).collect();
        assert_eq!(payload(&many).unwrap(), "resync");
    }

    #[test]
    fn what_is_not_understood_is_a_look_everywhere() {
        assert_eq!(
            parse("events moons session:x").collect::<Vec<_>>(),
            [Hint::Events, Hint::Resync, Hint::Resync]
        );
    }
}
