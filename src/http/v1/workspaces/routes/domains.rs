//! `GET|POST /workspaces/{id}/routes/{rid}/domains`, `POST …/domains/{did}/verify`, `DELETE …/domains/{did}`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, Settings, workspaces},
    domain::{
        custom_domain::{self, CustomHost, Standing},
        ids::{DomainId, RouteId, WorkspaceId},
    },
    http::{
        error::ApiResult,
        extract::{Authenticated, Creating, Fields, Page, Path},
        wire::{Time, words},
    },
};

words! {
    DomainStatusWord = Standing::ALL;
}

/// A custom domain as its route shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteDomainRef {
    id: Uuid,
    host: String,
    #[schema(value_type = DomainStatusWord)]
    status: &'static str,
}

impl From<&custom_domain::RouteDomain> for RouteDomainRef {
    fn from(domain: &custom_domain::RouteDomain) -> Self {
        Self { id: domain.id.into(), host: domain.host.to_string(), status: domain.standing.as_str() }
    }
}

/// A host name that a route claims, and what shows that it is theirs who claim it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteDomain {
    id: Uuid,
    /// As it stands in DNS.
    host: String,
    /// Leads to the route once the domain is verified and points here.
    url: String,
    #[schema(value_type = DomainStatusWord)]
    status: &'static str,
    created_at: Time,
    #[schema(required)]
    verified_at: Option<Time>,
    /// When anybody last looked for a proof.
    #[schema(required)]
    checked_at: Option<Time>,
    /// What the last look found instead of a proof, and what to do.
    #[schema(required)]
    failure: Option<String>,
    proof: DomainProof,
}

/// Either is enough.
#[derive(Debug, Serialize, ToSchema)]
pub struct DomainProof {
    txt: TxtProof,
    http: HttpProof,
}

/// A TXT record with this name and value.
#[derive(Debug, Serialize, ToSchema)]
pub struct TxtProof {
    name: String,
    value: String,
}

/// A page that answers this text and nothing else. It does not count while the domain leads to a workspace here.
#[derive(Debug, Serialize, ToSchema)]
pub struct HttpProof {
    url: String,
    content: String,
}

impl RouteDomain {
    fn new(domain: &custom_domain::RouteDomain, settings: &Settings) -> Self {
        let (verified_at, failure) = match &domain.standing {
            Standing::Verified { since } => (Some((*since).into()), None),
            Standing::Pending { failure } => (None, failure.clone()),
        };
        Self {
            id: domain.id.into(),
            host: domain.host.to_string(),
            url: settings.route_url(domain.host.as_str()),
            status: domain.standing.as_str(),
            created_at: domain.created_at.into(),
            verified_at,
            checked_at: domain.checked_at.map(Into::into),
            failure,
            proof: DomainProof {
                txt: TxtProof { name: domain.txt_name(), value: domain.proof() },
                http: HttpProof { url: domain.proof_url(), content: domain.proof() },
            },
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRouteDomain {
    /// The host name alone, without scheme, port and path.
    #[schema(example = "shop.example.com")]
    host: String,
}

/// By host.
#[utoipa::path(
    get, path = "/workspaces/{id}/routes/{rid}/domains", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("rid" = Uuid, Path)), responses((status = 200, body = Page<RouteDomain>))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid)): Path<(WorkspaceId, RouteId)>,
) -> ApiResult<Page<RouteDomain>> {
    let domains = workspaces::domain_list(&app, &caller, id, rid).await?;
    Ok(Page::whole(domains.iter().map(|domain| RouteDomain::new(domain, &app.settings)).collect()))
}

/// Claims a host name for the route. It leads nowhere before it is shown to be the caller's.
#[utoipa::path(
    post, path = "/workspaces/{id}/routes/{rid}/domains", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("rid" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateRouteDomain, responses((status = 201, body = RouteDomain))
)]
pub async fn create(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid)): Path<(WorkspaceId, RouteId)>,
    Creating { body, key }: Creating<CreateRouteDomain>,
) -> ApiResult<(StatusCode, Json<RouteDomain>)> {
    let mut fields = Fields::default();
    let host = fields.parse::<CustomHost>("host", &body.host);
    let (host,) = fields.all((host,))?;
    let domain = workspaces::add_domain(&app, &caller, id, rid, host, key.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(RouteDomain::new(&domain, &app.settings))))
}

/// Looks for a proof now. Whether there is one, and what was found instead, is in the answer. Claims of the last days are
/// looked at every few minutes by themselves.
#[utoipa::path(
    post, path = "/workspaces/{id}/routes/{rid}/domains/{did}/verify", tag = "workspaces",
    security(("bearer" = [])), params(("id" = Uuid, Path), ("rid" = Uuid, Path), ("did" = Uuid, Path)),
    responses((status = 200, body = RouteDomain))
)]
pub async fn verify(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid, did)): Path<(WorkspaceId, RouteId, DomainId)>,
) -> ApiResult<Json<RouteDomain>> {
    let domain = workspaces::verify_domain(&app, &caller, id, rid, did).await?;
    Ok(Json(RouteDomain::new(&domain, &app.settings)))
}

/// Takes the domain away from the route. Success when it is gone already.
#[utoipa::path(
    delete, path = "/workspaces/{id}/routes/{rid}/domains/{did}", tag = "workspaces", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("rid" = Uuid, Path), ("did" = Uuid, Path)), responses((status = 204))
)]
pub async fn remove(
    State(app): State<Arc<App>>,
    Authenticated(caller): Authenticated,
    Path((id, rid, did)): Path<(WorkspaceId, RouteId, DomainId)>,
) -> ApiResult<StatusCode> {
    workspaces::remove_domain(&app, &caller, id, rid, did).await?;
    Ok(StatusCode::NO_CONTENT)
}
