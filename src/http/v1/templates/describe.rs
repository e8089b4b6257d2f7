//! `PATCH /templates/{id}`

use std::sync::Arc;

use axum::extract::State;

use super::{
    MAX_DESCRIPTION, MAX_DISPLAY_NAME, MAX_ICON, MAX_TAG, MAX_TAGS, entity_tag, optional, shown,
    wire::{PatchTemplate, Template},
};
use crate::{
    app::{
        App,
        templates::{self, Description},
    },
    domain::ids::TemplateId,
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Fields, IfMatch, Path, Tagged},
    },
};

/// Changes what people read of the template; absent fields stay as they are.
#[utoipa::path(
    patch, path = "/templates/{id}", tag = "templates", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)), request_body = PatchTemplate,
    responses((status = 200, body = Template))
)]
pub async fn describe(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<TemplateId>,
    if_match: IfMatch,
    Body(body): Body<PatchTemplate>,
) -> ApiResult<Tagged<Template>> {
    let mut fields = Fields::default();
    let values = (
        optional(&mut fields, "display_name", body.display_name.as_deref(), MAX_DISPLAY_NAME),
        optional(&mut fields, "description", body.description.as_deref(), MAX_DESCRIPTION),
        optional(&mut fields, "icon", body.icon.as_deref(), MAX_ICON),
        tags(&mut fields, body.tags),
    );
    if matches!(&values.0, Some(Some(name)) if name.is_empty()) {
        fields.refuse("display_name", "invalid", "must not be empty");
    }
    let (display_name, description, icon, tags) = fields.all(values)?;
    let new = Description { display_name, description, icon, tags };
    let detail =
        templates::describe(&app, &caller, id, new, |current| if_match.check(entity_tag(current))).await?;
    Ok(shown(detail))
}

fn tags(fields: &mut Fields, tags: Option<Vec<String>>) -> Option<Option<Vec<String>>> {
    let Some(tags) = tags else { return Some(None) };
    if tags.len() > MAX_TAGS {
        fields.refuse("tags", "too_many", format!("must be at most {MAX_TAGS}"));
        return None;
    }
    let tag = |(index, tag): (usize, &String)| {
        let field = format!("tags.{index}");
        if tag.trim().is_empty() {
            fields.refuse(&field, "invalid", "must not be empty");
        }
        fields.text(&field, tag, MAX_TAG)
    };
    let tags: Vec<Option<String>> = tags.iter().enumerate().map(tag).collect();
    tags.into_iter().collect::<Option<_>>().map(Some)
}
