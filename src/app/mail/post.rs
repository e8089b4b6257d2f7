//! How mail leaves: in the background, after whatever it tells of is committed. A request neither waits for it nor
//! fails with it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Mail;
use crate::{
    domain::names::Email,
    ports::mailer::{MailError, Mailer, Message},
};

/// Of one try, however many commands it takes.
const DEADLINE: Duration = Duration::from_secs(30);
/// Between tries. What has not left after the last one never will: its link would be half over.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(300)];
/// Mails that may wait to leave; whoever makes more is not served by keeping them.
const WAITING: usize = 500;
/// Connections at the same time.
const CONNECTIONS: usize = 4;

/// Where mail is handed in. Without a mail server there is none, and whoever wants to send something must tell people
/// another way.
#[derive(Clone, Default)]
pub struct Post(Option<Arc<Office>>);

struct Office {
    mailer: Arc<dyn Mailer>,
    tasks: TaskTracker,
    stops: Stops,
    waiting: Arc<Semaphore>,
    connections: Semaphore,
    /// What went wrong with the last try that ended.
    problem: Mutex<Option<String>>,
}

/// When the server ends.
#[derive(Clone, Default)]
pub struct Stops {
    /// Nothing is tried again.
    pub soft: CancellationToken,
    /// What is under way is dropped.
    pub hard: CancellationToken,
}

impl Post {
    pub fn new(mailer: Arc<dyn Mailer>, tasks: TaskTracker, stops: Stops) -> Self {
        Self(Some(Arc::new(Office {
            mailer,
            tasks,
            stops,
            waiting: Arc::new(Semaphore::new(WAITING)),
            connections: Semaphore::new(CONNECTIONS),
            problem: Mutex::default(),
        })))
    }

    /// Whether there is a mail server at all.
    pub fn is_set_up(&self) -> bool {
        self.0.is_some()
    }

    /// Hands in a mail; call it after the commit. `false`: it will not leave, because there is no mail server or too
    /// much waits for it.
    pub fn send(&self, to: &Email, mail: &Mail) -> bool {
        let Some(office) = &self.0 else { return false };
        let Ok(place) = office.waiting.clone().try_acquire_owned() else {
            tracing::error!(mail = mail.kind(), "too many mails wait to be sent; this one is dropped");
            return false;
        };
        let delivery = office.clone().deliver(mail.to(to), mail.kind(), place);
        office.tasks.spawn(delivery);
        true
    }

    /// Does what ends in a mail, after the answer to whoever asked for it. Without a mail server it is not done at all.
    pub fn background(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(office) = &self.0 {
            let hard = office.stops.hard.clone();
            office.tasks.spawn(async move { hard.run_until_cancelled_owned(work).await });
        }
    }

    /// What went wrong with the last mail, as long as no later one left.
    pub fn problem(&self) -> Option<String> {
        self.0.as_ref().and_then(|office| office.last().clone())
    }
}

impl Office {
    async fn deliver(self: Arc<Self>, message: Message, kind: &'static str, place: OwnedSemaphorePermit) {
        let delivery = self.stops.hard.run_until_cancelled(self.try_again_and_again(&message, kind));
        if delivery.await.is_none() {
            tracing::error!(mail = kind, "a mail is dropped: the server ends");
        }
        drop(place);
    }

    async fn try_again_and_again(&self, message: &Message, kind: &'static str) {
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.try_once(message).await {
                Ok(()) => {
                    *self.last() = None;
                    tracing::debug!(mail = kind, "a mail was sent");
                    return;
                }
                Err(error) => error,
            };
            // A refused address is that person's problem, not the mail server's.
            if let MailError::Unavailable(problem) = &error {
                *self.last() = Some(problem.clone());
            }
            let pause = pauses.next().filter(|_| matches!(error, MailError::Unavailable(_)));
            let Some(pause) = pause else {
                tracing::error!(mail = kind, error = %error, "a mail cannot be sent and is dropped");
                return;
            };
            tracing::warn!(mail = kind, error = %error, retry_in = ?pause, "a mail cannot be sent yet");
            if self.stops.soft.run_until_cancelled(sleep(*pause)).await.is_none() {
                tracing::error!(mail = kind, "a mail that could not be sent yet is dropped: the server ends");
                return;
            }
        }
    }

    async fn try_once(&self, message: &Message) -> Result<(), MailError> {
        let unavailable = |problem: String| MailError::Unavailable(problem);
        let _connection = self.connections.acquire().await.map_err(|error| unavailable(error.to_string()))?;
        match timeout(DEADLINE, self.mailer.send(message)).await {
            Ok(sent) => sent,
            Err(_) => Err(unavailable(format!(
                "the mail server did not answer within {} seconds",
                DEADLINE.as_secs()
            ))),
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<String>> {
        // A text is whole after any panic.
        self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;

    /// Fails so many times.
    struct Moody {
        failures: usize,
        error: MailError,
        tries: AtomicUsize,
    }

    #[async_trait]
    impl Mailer for Moody {
        async fn send(&self, _: &Message) -> Result<(), MailError> {
            let tries = self.tries.fetch_add(1, Ordering::SeqCst);
            if tries < self.failures { Err(self.error.clone()) } else { Ok(()) }
        }
    }

    struct Silent;

    #[async_trait]
    impl Mailer for Silent {
        async fn send(&self, _: &Message) -> Result<(), MailError> {
            std::future::pending().await
        }
    }

    fn post(mailer: Arc<dyn Mailer>) -> (Post, TaskTracker, Stops) {
        let (tasks, stops) = (TaskTracker::new(), Stops::default());
        (Post::new(mailer, tasks.clone(), stops.clone()), tasks, stops)
    }

    fn moody(failures: usize, error: MailError) -> Arc<Moody> {
        Arc::new(Moody { failures, error, tries: AtomicUsize::default() })
    }

    fn hand_in(post: &Post) -> bool {
        let mail =
            Mail::SecondFactor { username: "ada".into(), on: true, when: chrono::DateTime::UNIX_EPOCH };
        post.send(&"ada@example.org".parse().unwrap(), &mail)
    }

    async fn done(tasks: &TaskTracker) {
        tasks.close();
        tasks.wait().await;
    }

    fn away() -> MailError {
        MailError::Unavailable("away".into())
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_leave_at_once_is_tried_again() {
        let mailer = moody(3, away());
        let (post, tasks, _) = post(mailer.clone());
        assert!(hand_in(&post));
        done(&tasks).await;
        assert_eq!(mailer.tries.load(Ordering::SeqCst), 4);
        assert_eq!(post.problem(), None, "it left in the end");
    }

    #[tokio::test(start_paused = true)]
    async fn tries_end() {
        let mailer = moody(usize::MAX, away());
        let (post, tasks, _) = post(mailer.clone());
        hand_in(&post);
        done(&tasks).await;
        assert_eq!(mailer.tries.load(Ordering::SeqCst), 1 + PAUSES.len());
        assert_eq!(post.problem().as_deref(), Some("away"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_is_not_tried_again() {
        let mailer = moody(usize::MAX, MailError::Refused("no such person".into()));
        let (post, tasks, _) = post(mailer.clone());
        hand_in(&post);
        done(&tasks).await;
        assert_eq!(mailer.tries.load(Ordering::SeqCst), 1);
        assert_eq!(post.problem(), None, "the mail server works");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_holds_up_neither_senders_nor_the_end() {
        let (post, tasks, stops) = post(Arc::new(Silent));
        for _ in 0..WAITING {
            assert!(hand_in(&post));
        }
        assert!(!hand_in(&post), "there is an end to what may wait");
        stops.hard.cancel();
        done(&tasks).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_another_try_does_not_hold_up_the_end() {
        let (post, tasks, stops) = post(moody(usize::MAX, away()));
        hand_in(&post);
        stops.soft.cancel();
        let began = tokio::time::Instant::now();
        done(&tasks).await;
        assert!(began.elapsed() < PAUSES[0]);
    }

    #[test]
    fn without_a_mail_server_nothing_is_promised() {
        assert!(!hand_in(&Post::default()));
        assert!(!Post::default().is_set_up());
    }
}
