//! `devsanctum openapi`

use std::io::Write;

use super::Exit;
use crate::http;

pub(super) fn run() -> Exit {
    match writeln!(std::io::stdout(), "{}", http::openapi::text()) {
        Ok(()) => Exit::Ok,
        Err(_) => Exit::Failed,
    }
}
