//! `POST /workspaces/{id}/routes`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::{
        App,
        workspaces::{self, NewRoute},
    },
    domain::{ids::WorkspaceId, names::ComponentName},
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Path},
        v1::workspaces::wire::{CreateRoute, WorkspaceRoute},
    },
};

/// Gives a port of a component a host name.
#[utoipa::path(
    post, path = "/workspaces/{id}/routes", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = CreateRoute, responses((status = 201, body = WorkspaceRoute))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<WorkspaceId>,
    Creating { body, key }: Creating<CreateRoute>,
) -> ApiResult<(StatusCode, Json<WorkspaceRoute>)> {
    let mut fields = Fields::default();
    let name = fields.parse_some::<ComponentName>("app", Some(&body.app));
    let component = fields.parse::<ComponentName>("component", &body.component);
    if body.port == 0 {
        fields.refuse("port", "invalid", "must be between 1 and 65535");
    }
    let (name, component) = fields.all((name, component))?;
    let new = NewRoute {
        app: name,
        component,
        port: body.port,
        visibility: body.visibility.unwrap_or_default(),
        identity: body.identity.unwrap_or_default(),
    };
    let made = workspaces::add_route(&app, &caller, id, new, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(WorkspaceRoute::new(&made, &app.settings))))
}
