//! The whole log as a file, read in batches while it is sent.

use std::{collections::VecDeque, io, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};

use super::wire::AuditEntry;
use crate::{
    app::{
        App, Caller,
        audit::{self, AuditView},
        auth::actors,
    },
    ports::repository::{PageRequest, Position, audit::AuditFilter},
};

/// Entries read at once.
const BATCH: u32 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 4180.
    Csv,
    /// One object a line.
    JsonLines,
}

const COLUMNS: &str = "id,at,user_id,username,via,action,org_id,target,target_name,address,detail\r\n";

impl Format {
    pub(super) fn accepted(accept: &str) -> Option<Self> {
        let mut types = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
        types.find_map(|essence| match essence.to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/jsonl" => Some(Self::JsonLines),
            _ => None,
        })
    }

    fn begin(self) -> &'static str {
        match self {
            Self::Csv => COLUMNS,
            Self::JsonLines => "",
        }
    }

    fn line(self, entry: &AuditEntry) -> String {
        match self {
            Self::Csv => csv(entry),
            // Wire structs always serialize.
            Self::JsonLines => serde_json::to_string(entry).unwrap_or_default() + "\n",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// A file that breaks off, because the database failed or the right to read it ended, breaks the connection off too:
/// nobody takes a part for the whole.
pub(super) fn respond(
    app: Arc<App>,
    caller: Caller,
    filter: AuditFilter,
    page: &PageRequest,
    format: Format,
    name: &str,
) -> Response {
    let page = PageRequest { limit: BATCH, after: None, ..page.clone() };
    let begin = stream::iter([Ok(Bytes::from_static(format.begin().as_bytes()))]);
    let lines = entries(app, caller, filter, page)
        .map_ok(move |view| Bytes::from(format.line(&AuditEntry::from(view))));
    let mut response = Body::from_stream(begin.chain(lines)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    // A slug has nothing that would need quoting.
    let disposition = format!("attachment; filename=\"audit-{name}.{}\"", format.suffix());
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn entries(
    app: Arc<App>,
    caller: Caller,
    filter: AuditFilter,
    page: PageRequest,
) -> impl Stream<Item = Result<AuditView, io::Error>> + Send + 'static {
    struct Reading {
        app: Arc<App>,
        caller: Caller,
        filter: AuditFilter,
        page: PageRequest,
        batch: VecDeque<AuditView>,
        more: bool,
    }
    let reading = Reading { app, caller, filter, page, batch: VecDeque::new(), more: true };
    stream::unfold(reading, async |mut reading| {
        if reading.batch.is_empty() && reading.more {
            // As a caller who may read it at this moment.
            let read = async {
                let app = &reading.app;
                let actor = actors::of(app, reading.caller.actor.credential.id()).await?;
                reading.caller.actor = actor;
                audit::list(app, &reading.caller, &reading.filter, &reading.page).await
            };
            let mut found = match read.await {
                Ok(found) => found,
                Err(error) => {
                    reading.more = false;
                    tracing::warn!(error = %error.chain(), "an export of the audit log breaks off");
                    return Some((Err(io::Error::other("the export breaks off")), reading));
                }
            };
            reading.more = found.len() > BATCH as usize;
            found.truncate(BATCH as usize);
            reading.page.after = found
                .last()
                .map(|last| Position { name: last.entry.action.clone(), id: last.entry.id.into() });
            reading.batch = found.into();
        }
        let next = reading.batch.pop_front()?;
        Some((Ok(next), reading))
    })
}

fn csv(entry: &AuditEntry) -> String {
    let user = entry.user.as_ref();
    let time = serde_json::to_value(entry.at).unwrap_or_default();
    let cells = [
        entry.id.to_string(),
        time.as_str().unwrap_or_default().to_owned(),
        user.map(|user| user.id.to_string()).unwrap_or_default(),
        user.and_then(|user| user.username.clone()).unwrap_or_default(),
        entry.via.as_str().to_owned(),
        entry.action.clone(),
        entry.org_id.map(|id| id.to_string()).unwrap_or_default(),
        entry.target.clone(),
        entry.target_name.clone().unwrap_or_default(),
        entry.address.clone(),
        if entry.detail.is_null() { String::new() } else { entry.detail.to_string() },
    ];
    cells.map(|cell| quoted(&cell)).join(",") + "\r\n"
}

/// A cell as RFC 4180 wants it. What a spreadsheet would take for a formula gets an apostrophe in front
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        for (cell, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1,A2)", "\"'@SUM(A1,A2)\""),
            ("\t=1", "'\t=1"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(quoted(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn the_format_is_what_the_caller_accepts() {
        assert_eq!(Format::accepted("text/csv"), Some(Format::Csv));
        assert_eq!(Format::accepted("Application/X-NDJSON; q=1, */*"), Some(Format::JsonLines));
        assert_eq!(Format::accepted("application/json, */*"), None);
        assert_eq!(Format::accepted(""), None);
    }
}
