//! `POST /orgs/{org}/workspaces`

use std::{collections::BTreeMap, sync::Arc};

use axum::{extract::State, response::Response};

use super::{
    answer::accepted,
    wire::{CreateWorkspace, Workspace},
};
use crate::{
    app::{
        App, AppResult, orgs,
        workspaces::{self, NewWorkspace, TemplateChoice},
    },
    domain::{
        names::{TemplateName, VariableName, WorkspaceName},
        policy::Action,
        secret::Secret,
        variable::Content,
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Path, PreferWait},
        v1::variables::content,
    },
};

/// Makes a workspace from a template and starts it.
#[utoipa::path(
    post, path = "/orgs/{org}/workspaces", tag = "workspaces", security(("bearer" = [])),
    params(
        ("org" = String, Path),
        ("Prefer" = Option<String>, Header),
        ("Idempotency-Key" = Option<String>, Header)
    ),
    request_body = CreateWorkspace, responses((status = 202, body = Workspace))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(org): Path<String>,
    wait: PreferWait,
    Creating { body, key }: Creating<CreateWorkspace>,
) -> ApiResult<Response> {
    let org = orgs::find(&app, &caller, Action::CreateWorkspace, &org).await?;
    let detail = workspaces::create(&app, &caller, org.id, parse(body)?, key.as_ref()).await?;
    accepted(&app, &caller, detail, wait).await
}

fn parse(body: CreateWorkspace) -> AppResult<NewWorkspace> {
    let mut fields = Fields::default();
    let name = fields.parse::<WorkspaceName>("name", &body.name);
    let template = match (body.template_id, body.template.as_deref()) {
        (Some(id), None) => Some(TemplateChoice::Id(id.into())),
        (None, Some(text)) => match text.parse() {
            Ok(id) => Some(TemplateChoice::Id(id)),
            Err(_) => fields.parse::<TemplateName>("template", text).map(TemplateChoice::Name),
        },
        (None, None) => {
            fields.refuse("template", "required", "name a template, or give a template_id");
            None
        }
        (Some(_), Some(_)) => {
            fields.refuse("template", "ambiguous", "give either template or template_id, not both");
            None
        }
    };
    let variables = variables(&mut fields, body.variables);
    let (name, template) = fields.all((name, template))?;
    Ok(NewWorkspace {
        name,
        template,
        version: body.version,
        parameters: body.parameters,
        variables,
        host: body.host_id.map(Into::into),
        start: body.start,
    })
}

/// Nobody said that they may be shown again.
fn variables(fields: &mut Fields, given: BTreeMap<String, Secret>) -> BTreeMap<VariableName, Content> {
    let variable = |(name, value): (String, Secret)| {
        let field = format!("variables.{name}");
        let content = content(fields, &field, value, true);
        fields.parse::<VariableName>(&field, &name).zip(content)
    };
    given.into_iter().filter_map(variable).collect()
}
