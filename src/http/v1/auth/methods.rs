//! `GET /auth/methods`

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::oauth::ProviderWord;
use crate::{
    app::{App, auth, auth::external},
    domain::identity,
    http::error::ApiResult,
};

/// The ways in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Methods {
    /// There is no user yet: only `POST /auth/setup` opens the door.
    setup_required: bool,
    password: bool,
    /// Whether anybody may make an account.
    registration: bool,
    /// Whether links can be mailed: to choose a new password, to accept an invitation.
    mail: bool,
    providers: Vec<Provider>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Provider {
    /// For `GET /auth/oauth/{provider}/start`.
    #[schema(value_type = ProviderWord)]
    id: identity::Provider,
    /// For the button.
    name: String,
}

#[utoipa::path(get, path = "/auth/methods", tag = "auth", responses((status = 200, body = Methods)))]
pub async fn show(State(app): State<Arc<App>>) -> ApiResult<Json<Methods>> {
    let setup_required = auth::setup_required(&app).await?;
    let providers = external::providers(&app);
    let providers = providers.map(|(id, name)| Provider { id, name: name.to_owned() }).collect();
    Ok(Json(Methods {
        setup_required,
        password: true,
        registration: app.settings.open_registration,
        mail: app.mailer.is_set_up(),
        providers,
    }))
}
