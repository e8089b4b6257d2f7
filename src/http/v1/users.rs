//! `GET|POST /users`, `GET|PATCH|DELETE /users/{id}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::{
        App,
        users::{self, NewUser, UserChange},
    },
    domain::{
        ids::UserId,
        names::{Email, Username},
        secret::Secret,
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Body, Creating, Fields, Page, Paging, Path, paging::PagingParams},
        v1::me::wire::{MAX_DISPLAY_NAME, User},
        wire::Time,
    },
    ports::repository::user::UserSummary,
};

/// A user, as administrators see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdministeredUser {
    #[serde(flatten)]
    user: User,
    /// When one of their sessions was last used; null: never, or long ago.
    #[schema(required)]
    last_seen_at: Option<Time>,
    totp_enabled: bool,
    has_password: bool,
    /// How many they belong to.
    organizations: u64,
}

impl From<UserSummary> for AdministeredUser {
    fn from(summary: UserSummary) -> Self {
        Self {
            user: User::from(&summary.user),
            last_seen_at: summary.last_seen_at.map(Into::into),
            totp_enabled: summary.has_second_factor,
            has_password: summary.has_password,
            organizations: summary.orgs,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    #[schema(example = "grace@example.org")]
    email: String,
    #[schema(example = "grace")]
    username: String,
    #[schema(max_length = 80)]
    display_name: Option<String>,
    #[schema(value_type = Option<String>, min_length = 10, max_length = 256)]
    password: Option<Secret>,
    #[serde(default)]
    platform_admin: bool,
}

/// An account that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedUser {
    #[serde(flatten)]
    user: User,
    /// Without a password: where the user chooses one. It is shown once, and mailed where mail is set up; null when the
    /// same request was answered before under its `Idempotency-Key`: then ask for another at `/users/{id}/reset-link`.
    #[schema(required)]
    reset_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ResetLink {
    /// Shown once.
    reset_url: String,
    expires_at: Time,
}

/// What is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchUser {
    #[schema(max_length = 80)]
    display_name: Option<String>,
    email: Option<String>,
    platform_admin: Option<bool>,
    /// Suspending ends their sessions; nothing of theirs is removed.
    suspended: Option<bool>,
}

#[utoipa::path(
    get, path = "/users", tag = "users", security(("bearer" = [])), params(PagingParams),
    responses((status = 200, body = Page<AdministeredUser>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    paging: Paging,
) -> ApiResult<Page<AdministeredUser>> {
    let rows = users::list(&app, &caller, &paging.request).await?;
    let position = |row: &UserSummary| (row.user.username.to_string(), row.user.id.into());
    Ok(paging.page(rows, position, AdministeredUser::from))
}

/// Makes an account.
#[utoipa::path(
    post, path = "/users", tag = "users", security(("bearer" = [])), request_body = CreateUser,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = CreatedUser), (status = 409, description = "`taken`"))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Creating { body, key }: Creating<CreateUser>,
) -> ApiResult<(StatusCode, Json<CreatedUser>)> {
    let mut fields = Fields::default();
    let display_name = body.display_name.unwrap_or_default();
    let values = (
        fields.parse::<Email>("email", &body.email),
        fields.parse::<Username>("username", &body.username.to_lowercase()),
        fields.text("display_name", &display_name, MAX_DISPLAY_NAME),
    );
    let (email, username, display_name) = fields.all(values)?;
    let new = NewUser {
        email,
        username,
        display_name,
        password: body.password,
        platform_admin: body.platform_admin,
    };
    let (user, link) = users::create(&app, &caller, new, key.as_ref()).await?;
    let made =
        CreatedUser { user: User::from(&user), reset_url: link.map(|link| link.url.expose().to_owned()) };
    Ok((StatusCode::CREATED, Json(made)))
}

/// A link by which the user chooses a new password; older ones open nothing any more.
#[utoipa::path(
    post, path = "/users/{id}/reset-link", tag = "users", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = ResetLink))
)]
pub async fn reset_link(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<UserId>,
) -> ApiResult<Json<ResetLink>> {
    let link = users::make_reset_link(&app, &caller, id).await?;
    Ok(Json(ResetLink { reset_url: link.url.expose().to_owned(), expires_at: link.expires_at.into() }))
}

#[utoipa::path(
    get, path = "/users/{id}", tag = "users", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = AdministeredUser))
)]
pub async fn show(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<UserId>,
) -> ApiResult<Json<AdministeredUser>> {
    Ok(Json(users::get(&app, &caller, id).await?.into()))
}

/// Changes what an administrator may: names, rights, suspension.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "users", security(("bearer" = [])), params(("id" = Uuid, Path)),
    request_body = PatchUser,
    responses((status = 200, body = AdministeredUser), (status = 409, description = "`last_platform_admin`"))
)]
pub async fn change(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<UserId>,
    Body(body): Body<PatchUser>,
) -> ApiResult<Json<AdministeredUser>> {
    let mut fields = Fields::default();
    let display_name = match body.display_name.as_deref() {
        Some(name) => fields.text("display_name", name, MAX_DISPLAY_NAME).map(Some),
        None => Some(None),
    };
    let email = fields.parse_some::<Email>("email", body.email.as_deref());
    let (display_name, email) = fields.all((display_name, email))?;
    let change =
        UserChange { display_name, email, platform_admin: body.platform_admin, suspended: body.suspended };
    Ok(Json(users::change(&app, &caller, id, change).await?.into()))
}

/// Removes an account that owns nothing others would miss.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "users", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses(
        (status = 204),
        (status = 409, description = "`owns_workspaces`, `last_owner` or `last_platform_admin`")
    )
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path(id): Path<UserId>,
) -> ApiResult<StatusCode> {
    users::delete(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
