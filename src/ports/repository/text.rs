//! Text as a store keeps it. PostgreSQL has no U+0000, and what programs print may hold one: every implementation keeps
//! U+FFFD, the replacement character, in its place.

use std::borrow::Cow;

use serde_json::Value;

pub fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// The same for every text in a document.
pub fn make_storable(document: &mut Value) {
    match document {
        Value::String(text) => {
            if let Cow::Owned(clean) = storable(text) {
                *text = clean;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_storable),
        Value::Object(fields) => {
            let clean = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                make_storable(&mut value);
                (storable(&name).into_owned(), value)
            });
            *fields = clean.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
