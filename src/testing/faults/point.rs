//! Names for what goes wrong where, as tests print them and read them again.

use std::{fmt, str::FromStr};

/// One call of a run: the n-th of its name, from one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    pub call: String,
    pub occurrence: u32,
}

/// What a port answers instead of doing what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 404
    NotFound,
    /// 409
    Conflict,
    /// 500
    Internal,
    /// An answer that cannot be read.
    Garbage,
    /// No answer, and no effect.
    Timeout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The process ends before the call is made.
    CrashBefore,
    /// The call takes effect, and the process ends before it hears of it.
    CrashAfter,
    /// The call takes effect, and its caller hears that it timed out.
    ReplyLost,
    Fails(Kind),
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::ReplyLost,
        Self::Fails(Kind::NotFound),
        Self::Fails(Kind::Conflict),
        Self::Fails(Kind::Internal),
        Self::Fails(Kind::Garbage),
        Self::Fails(Kind::Timeout),
    ];

    pub fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::CrashBefore => "crash_before",
            Self::CrashAfter => "crash_after",
            Self::ReplyLost => "reply_lost",
            Self::Fails(Kind::NotFound) => "not_found",
            Self::Fails(Kind::Conflict) => "conflict",
            Self::Fails(Kind::Internal) => "internal",
            Self::Fails(Kind::Garbage) => "garbage",
            Self::Fails(Kind::Timeout) => "timeout",
        }
    }
}

/// `docker.start_container#2:crash_after`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mishap {
    pub at: Point,
    pub fault: Fault,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.call, self.occurrence)
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.at, self.fault.as_str())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not like docker.start_container#2:crash_after")]
pub struct PointError(String);

impl FromStr for Point {
    type Err = PointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || PointError(text.to_owned());
        let (call, occurrence) = text.split_once('#').ok_or_else(wrong)?;
        let occurrence = occurrence.parse().map_err(|_| wrong())?;
        Ok(Self { call: call.to_owned(), occurrence })
    }
}

impl FromStr for Mishap {
    type Err = PointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || PointError(text.to_owned());
        let (at, fault) = text.rsplit_once(':').ok_or_else(wrong)?;
        let fault = Fault::ALL.into_iter().find(|known| known.as_str() == fault).ok_or_else(wrong)?;
        Ok(Self { at: at.parse().map_err(|_| wrong())?, fault })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_read() {
        for fault in Fault::ALL {
            let at = Point { call: "store.commit".into(), occurrence: 12 };
            let mishap = Mishap { at, fault };
            assert_eq!(mishap.to_string().parse::<Mishap>().unwrap(), mishap);
        }
        for wrong in ["", "store.commit", "store.commit#1", "store.commit#x:timeout", "store.commit#1:never"]
        {
            assert!(wrong.parse::<Mishap>().is_err(), "{wrong}");
        }
    }
}
