//! How often somebody may knock at the door: at this server, which costs nothing to know, and then at all servers
//! together.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock, QuantaInstant},
    state::keyed::DefaultKeyedStateStore,
};

pub use crate::domain::rate::Rate;
use crate::{
    app::{
        App, AppError, AppResult,
        auth::{
            self, Admission, Origin,
            attempts::{self, Bucket, Spent},
            normal_login, places,
        },
    },
    domain::ids::UserId,
};

#[derive(Debug, Clone, Copy)]
pub struct Rates {
    /// Sign-ins and setups from one network.
    pub sign_in_by_network: Rate,
    /// Sign-ins to one account, from wherever: guesses from many addresses add up.
    pub sign_in_by_account: Rate,
    /// Mails that whoever is not signed in makes us send, from one network, and to one address.
    pub mail_by_network: Rate,
    pub mail_by_address: Rate,
    /// Refreshes from one network. Tokens cannot be guessed; this only spares the database.
    pub refresh_by_network: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            sign_in_by_network: Rate::new(30, Duration::from_secs(2)),
            sign_in_by_account: Rate::new(20, Duration::from_secs(6)),
            mail_by_network: Rate::new(10, Duration::from_secs(30)),
            mail_by_address: Rate::new(3, Duration::from_secs(300)),
            refresh_by_network: Rate::new(300, Duration::from_millis(200)),
        }
    }
}

pub struct RateLimits {
    rates: Rates,
    sign_in_by_network: Keyed<IpAddr>,
    sign_in_by_account: Keyed<String>,
    refresh_by_network: Keyed<IpAddr>,
}

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

impl RateLimits {
    pub fn new(rates: Rates) -> Self {
        Self {
            rates,
            sign_in_by_network: keyed(rates.sign_in_by_network),
            sign_in_by_account: keyed(rates.sign_in_by_account),
            refresh_by_network: keyed(rates.refresh_by_network),
        }
    }

    pub async fn setup(&self, app: &App, network: IpAddr) -> AppResult<()> {
        check(&self.sign_in_by_network, &network)?;
        attempts::take(app, &[(Bucket::SignInFrom(network), self.rates.sign_in_by_network)]).await
    }

    /// An account that has no tries left still lets in whoever comes from where its owner was before.
    pub async fn sign_in(&self, app: &App, origin: &Origin, login: &str) -> AppResult<Admission> {
        let (network, login) = (places::network(origin.address), normal_login(login));
        check(&self.sign_in_by_network, &network)?;
        let tries = [
            (Bucket::SignInFrom(network), self.rates.sign_in_by_network),
            (Bucket::SignInTo(&login), self.rates.sign_in_by_account),
        ];
        let spent = match self.sign_in_here(&login) {
            Ok(()) => attempts::find_spent(app, &tries).await?,
            Err(retry_after_seconds) => Some(Spent { place: 1, retry_after_seconds }),
        };
        match spent {
            None => Ok(Admission::Try),
            Some(Spent { place: 0, retry_after_seconds }) => {
                Err(AppError::RateLimited { retry_after_seconds })
            }
            Some(Spent { retry_after_seconds, .. }) => {
                auth::admit_home(app, &login, origin, retry_after_seconds).await
            }
        }
    }

    /// Seconds to wait, when the account has no tries left at this server.
    fn sign_in_here(&self, login: &str) -> Result<(), u64> {
        self.sign_in_by_account.check_key(&login.to_owned()).map_err(|refused| seconds(&refused))
    }

    /// Going to a provider and coming back from it.
    pub async fn external(&self, app: &App, network: IpAddr) -> AppResult<()> {
        self.setup(app, network).await
    }

    /// Whoever is signed in and guesses the password. Who guesses at the door uses up none of these.
    pub async fn password(&self, app: &App, network: IpAddr, user: UserId) -> AppResult<()> {
        check(&self.sign_in_by_network, &network)?;
        let tries = [
            (Bucket::SignInFrom(network), self.rates.sign_in_by_network),
            (Bucket::PasswordOf(user), self.rates.sign_in_by_account),
        ];
        attempts::take(app, &tries).await
    }

    /// Counts what was typed, whether or not anybody has it.
    pub async fn mail(&self, app: &App, network: IpAddr, address: &str) -> AppResult<()> {
        let tries = [
            (Bucket::MailFrom(network), self.rates.mail_by_network),
            (Bucket::MailTo(address), self.rates.mail_by_address),
        ];
        attempts::take(app, &tries).await
    }

    pub async fn refresh(&self, app: &App, network: IpAddr) -> AppResult<()> {
        check(&self.refresh_by_network, &network)?;
        attempts::take(app, &[(Bucket::RefreshFrom(network), self.rates.refresh_by_network)]).await
    }

    /// Forgets those who have not come back; otherwise every name ever tried would stay in memory.
    pub fn tidy(&self) {
        self.sign_in_by_network.retain_recent();
        self.sign_in_by_account.retain_recent();
        self.refresh_by_network.retain_recent();
    }
}

fn keyed<K: Hash + Eq + Clone>(rate: Rate) -> Keyed<K> {
    // A period of zero means no limit at all, which no quota can say.
    let every = rate.every.max(Duration::from_nanos(1));
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::keyed(quota.allow_burst(rate.burst))
}

fn check<K: Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> AppResult<()> {
    let refused = limiter.check_key(key);
    refused.map_err(|refused| AppError::RateLimited { retry_after_seconds: seconds(&refused) })
}

fn seconds(refused: &NotUntil<QuantaInstant>) -> u64 {
    refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_from_many_addresses_add_up() {
        let limits = RateLimits::new(Rates::default());
        let refused = (0..=255).find_map(|_| limits.sign_in_here("ada").err());
        assert!(matches!(refused, Some(1..=7)), "{refused:?}");
        assert!(limits.sign_in_here("grace").is_ok(), "another account is not locked out");
    }
}
