//! `GET /auth/oauth/{provider}/start`, `GET /auth/oauth/{provider}/callback`: both are visited by browsers, so both
//! answer by sending them on, to a page that says what is wrong if something is.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::{
        AppError,
        auth::external::{self, Declined, Departure, Outcome, Return},
    },
    domain::{identity::Provider, return_to::ReturnTo, secret::Secret},
    http::{
        cookie::{self, HANDSHAKE},
        error::ApiResult,
        extract::{Client, Path, Query},
        state::ApiState,
        wire::words,
    },
};

words! {
    ProviderWord = Provider::ALL;
}

/// Where people sign in, and where they are told why they were not.
const SIGN_IN_PAGE: &str = "/sign-in";

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Start {
    /// A page of ours to come back to; anything else is taken for `/`.
    #[param(example = "/workspaces")]
    return_to: Option<String>,
}

/// Sends the browser to the provider.
#[utoipa::path(
    get, path = "/auth/oauth/{provider}/start", tag = "auth",
    params(("provider" = ProviderWord, Path), Start),
    responses((status = 303, description = "To the provider"), (status = 404, description = "No such provider"))
)]
pub async fn start(
    State(state): State<ApiState>,
    client: Client,
    Path(provider): Path<Provider>,
    Query(query): Query<Start>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    state.limits.external(&state.app, client.network()).await?;
    let return_to = query.return_to.and_then(|page| page.parse().ok()).unwrap_or_default();
    let browser = HANDSHAKE.read(&headers, state.is_https());
    match external::begin(&state.app, provider, return_to, browser).await {
        Ok(departure) => Ok(depart(&departure, state.is_https())),
        Err(AppError::Unavailable { code, source, .. }) => {
            tracing::warn!(
                code,
                error = source.map(|source| format!("{source:#}")),
                "nobody can sign in there"
            );
            Ok(see_other(&with_error(SIGN_IN_PAGE, code)))
        }
        Err(error) => Err(error.into()),
    }
}

fn depart(departure: &Departure, https: bool) -> Response {
    let cookie = [(header::SET_COOKIE, HANDSHAKE.set(&departure.browser, https))];
    (AppendHeaders(cookie), see_other(&departure.url)).into_response()
}

/// What a provider adds to our address (RFC 6749, 4.1.2; RFC 9207). Others may add more, which is ignored.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Callback {
    #[serde(default)]
    #[param(value_type = Option<String>)]
    code: Option<Secret>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    state: Option<Secret>,
    /// A word of the standard's.
    error: Option<String>,
    iss: Option<String>,
}

/// Where the provider sends the browser back to.
#[utoipa::path(
    get, path = "/auth/oauth/{provider}/callback", tag = "auth",
    params(("provider" = ProviderWord, Path), Callback),
    responses((status = 303, description = "To the page that was asked for, signed in, or to one that says why not"))
)]
pub async fn callback(
    State(state): State<ApiState>,
    client: Client,
    Path(provider): Path<Provider>,
    Query(query): Query<Callback>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    state.limits.external(&state.app, client.network()).await?;
    let browser = HANDSHAKE.read(&headers, state.is_https());
    let (code, handed) = match (query.code, query.state, browser) {
        (Some(code), Some(handed), Some(browser)) if query.error.is_none() => (code, (handed, browser)),
        (_, handed, browser) => {
            if let Some(handed) = handed.filter(|_| browser.is_some()) {
                external::abandon(&state.app, &handed).await?;
            }
            let cancelled = query.error.as_deref() == Some("access_denied");
            let code = if cancelled { "access_denied" } else { Declined::Handshake.code() };
            return Ok(see_other(&with_error(SIGN_IN_PAGE, code)));
        }
    };
    let back = Return { provider, state: handed.0, browser: handed.1, code, issuer: query.iss };
    Ok(match external::finish(&state.app, back, &client.into()).await? {
        Outcome::SignedIn(signed_in, page) => {
            let cookie = [(header::SET_COOKIE, cookie::issue(&signed_in, state.is_https()))];
            (AppendHeaders(cookie), see_other(page.as_str())).into_response()
        }
        Outcome::Linked(page) => see_other(page.as_str()),
        Outcome::Declined(declined, page) => {
            let page = page.as_ref().map_or(SIGN_IN_PAGE, ReturnTo::as_str);
            see_other(&with_error(page, declined.code()))
        }
    })
}

fn see_other(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        // A provider whose address is none.
        Err(_) => (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static(SIGN_IN_PAGE))])
            .into_response(),
    }
}

/// The page with `error=code` in its query; codes need no escape.
fn with_error(page: &str, code: &str) -> String {
    let (page, fragment) = match page.split_once('#') {
        Some((page, fragment)) => (page, format!("#{fragment}")),
        None => (page, String::new()),
    };
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}error={code}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_join_the_query_of_a_page() {
        assert_eq!(with_error("/sign-in", "x"), "/sign-in?error=x");
        assert_eq!(with_error("/account?tab=a#b", "x"), "/account?tab=a&error=x#b");
    }
}
