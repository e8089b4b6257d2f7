//! Whether we can do our work.

use std::time::Duration;

use tokio::time::timeout;

use super::App;
use crate::ports::proxy::ProxyError;

/// A check that takes longer has failed: whoever asks wants an answer.
const LIMIT: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub weight: Weight,
    pub problem: Option<String>,
}

/// What is lost without a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Everything.
    Vital,
    /// Nothing, as long as another of these works.
    OneOfMany,
    /// A convenience.
    Extra,
}

/// Not ready: something vital does not work, or there are hosts and none of them can be reached.
pub fn is_failing(parts: &[Part]) -> bool {
    let mut hosts = parts.iter().filter(|part| part.weight == Weight::OneOfMany).peekable();
    let no_host = hosts.peek().is_some() && hosts.all(|part| part.problem.is_some());
    no_host || parts.iter().any(|part| part.weight == Weight::Vital && part.problem.is_some())
}

/// The server is about to end.
pub fn leaving() -> Part {
    Part { name: "server".into(), weight: Weight::Vital, problem: Some("it is stopping".into()) }
}

pub async fn check(app: &App) -> Vec<Part> {
    let database = part("database", Weight::Vital, app.store.check());
    let proxy = proxy(app);
    let names: Vec<_> = match app.store.read().await {
        Ok(mut work) => work.hosts().list().await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let hosts = app.engines.all().into_iter().map(|(id, engine)| {
        let name =
            names.iter().find(|host| host.id == id).map_or_else(|| id.to_string(), |host| host.name.clone());
        async move { part(&format!("docker:{name}"), Weight::OneOfMany, engine.provisioner.facts()).await }
    });
    let (database, proxy, hosts) = tokio::join!(database, proxy, futures::future::join_all(hosts));
    let mail = app.mailer.is_set_up().then(|| Part {
        name: "mail".into(),
        weight: Weight::Extra,
        problem: app.mailer.problem(),
    });
    [database, proxy].into_iter().chain(hosts).chain(mail).collect()
}

/// What the proxy refuses is one route's trouble, not the server's.
async fn proxy(app: &App) -> Part {
    let mut refused = None;
    let checked = async {
        app.proxy.check().await.or_else(|error| match error {
            ProxyError::Refused(_) => {
                refused = Some(error.to_string());
                Ok(())
            }
            error => Err(error),
        })
    };
    let part = part("proxy", Weight::Vital, checked).await;
    match refused {
        Some(problem) => Part { weight: Weight::Extra, problem: Some(problem), ..part },
        None => part,
    }
}

async fn part<T, E: std::fmt::Display>(
    name: &str,
    weight: Weight,
    check: impl Future<Output = Result<T, E>>,
) -> Part {
    let problem = match timeout(LIMIT, check).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("no answer within {} seconds", LIMIT.as_secs())),
    };
    Part { name: name.to_owned(), weight, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(problems: [bool; 5]) -> bool {
        let names = [
            ("database", Weight::Vital),
            ("proxy", Weight::Vital),
            ("docker:a", Weight::OneOfMany),
            ("docker:b", Weight::OneOfMany),
            ("mail", Weight::Extra),
        ];
        let parts = names.into_iter().zip(problems).map(|((name, weight), problem)| Part {
            name: name.into(),
            weight,
            problem: problem.then(|| "down".into()),
        });
        is_failing(&parts.collect::<Vec<_>>())
    }

    #[test]
    fn one_host_of_two_is_enough() {
        assert!(!parts([false, false, false, false, false]));
        assert!(!parts([false, false, true, false, false]));
        assert!(parts([false, false, true, true, false]));
        assert!(parts([true, false, false, false, false]));
        assert!(parts([false, true, false, false, false]));
        assert!(!parts([false, false, false, false, true]));
    }
}
