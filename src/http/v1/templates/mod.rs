//! Templates and their versions.

pub mod check;
pub mod create;
pub mod describe;
pub mod list;
pub mod remove;
pub mod show;
mod source;
pub mod variables;
pub mod versions;
pub mod wire;

use self::wire::Template;
use crate::{
    app::templates::TemplateDetail,
    domain::template,
    http::extract::{Fields, Tagged},
};

/// Longest texts people write of a template, in characters.
const MAX_DISPLAY_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 2000;
const MAX_ICON: usize = 100;
const MAX_TAG: usize = 40;
const MAX_TAGS: usize = 20;
const MAX_MESSAGE: usize = 500;

/// A version of what people may change of it.
fn entity_tag(template: &template::Template) -> i64 {
    template.updated_at.timestamp_micros()
}

fn shown(detail: TemplateDetail) -> Tagged<Template> {
    Tagged::new(entity_tag(&detail.template), detail.into())
}

/// Text that may be absent.
fn optional(fields: &mut Fields, field: &str, text: Option<&str>, max: usize) -> Option<Option<String>> {
    match text {
        None => Some(None),
        Some(text) => fields.text(field, text, max).map(Some),
    }
}
