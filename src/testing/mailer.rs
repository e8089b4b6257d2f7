//! A mail server that keeps what it gets.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::ports::mailer::{MailError, Mailer, Message};

/// How long a mail may take that is sent in the background.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
pub struct RecordingMailer {
    sent: Mutex<Vec<Message>>,
    count: watch::Sender<usize>,
    problem: Mutex<Option<MailError>>,
}

impl RecordingMailer {
    /// From now on (`None`: no longer) every mail fails with this.
    pub fn fail(&self, problem: Option<MailError>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    pub fn sent(&self) -> Vec<Message> {
        self.lock().clone()
    }

    /// Takes the oldest mail to this address whose subject contains this, as soon as there is one.
    ///
    /// # Panics
    /// When none comes.
    pub async fn take(&self, to: &str, subject: &str) -> Message {
        let mut count = self.count.subscribe();
        let taken = async {
            loop {
                count.borrow_and_update();
                if let Some(mail) = self.oldest(to, subject) {
                    return mail;
                }
                if count.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        match tokio::time::timeout(PATIENCE, taken).await {
            Ok(mail) => mail,
            Err(_) => panic!("no mail to {to} about {subject:?} among {:#?}", self.sent()),
        }
    }

    fn oldest(&self, to: &str, subject: &str) -> Option<Message> {
        let mut sent = self.lock();
        let at = sent.iter().position(|mail| mail.to.as_str() == to && mail.subject.contains(subject))?;
        Some(sent.remove(at))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Message>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token that the link of a mail carries.
///
/// # Panics
/// When there is none.
pub fn token_in(message: &Message) -> String {
    let (_, rest) =
        message.text.split_once("#token=").unwrap_or_else(|| panic!("no link in {}", message.text));
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        if let Some(problem) = self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(problem);
        }
        self.lock().push(message.clone());
        self.count.send_modify(|count| *count += 1);
        Ok(())
    }
}
