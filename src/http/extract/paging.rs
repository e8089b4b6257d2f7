//! Lists in pages: `?limit=&cursor=&q=&sort=` in, `{"items", "next_cursor"}` out.

use axum::{Json, extract::FromRequestParts, http::request::Parts, response::IntoResponse};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::{AppError, FieldProblem},
    http::{
        error::{ApiError, ApiResult},
        extract::query::Query,
    },
    ports::repository::{PageRequest, Position, Sort},
};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;
const MAX_SEARCH: usize = 200;

/// The page the caller asks for. Document it with `params(PagingParams)`.
///
/// ```ignore
/// #[utoipa::path(get, path = "/orgs/{org}/workspaces", params(PagingParams), responses((status = 200, body = Page<Workspace>)))]
/// async fn list(paging: Paging, …) -> ApiResult<Page<Workspace>> {
///     let rows = app::workspaces::list(&app, &caller, &filter, &paging.request).await?;
///     Ok(paging.page(rows, |row| (row.name.to_string(), row.id.into()), Workspace::from))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub request: PageRequest,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PagingParams {
    /// At most 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only names that contain this text.
    q: Option<String>,
    #[param(inline, value_type = Option<SortWord>)]
    sort: Option<String>,
}

/// Orders of lists, as callers write them.
const SORTS: [(&str, Sort); 4] = [
    ("-created_at", Sort::Newest),
    ("created_at", Sort::Oldest),
    ("name", Sort::Name),
    ("-name", Sort::NameDescending),
];

crate::http::wire::words! {
    SortWord = SORTS.map(|(word, _)| word);
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the page that follows; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What a cursor says; opaque to callers. It names its order, because it means nothing in another.
#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "s")]
    sort: String,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "i")]
    id: Uuid,
}

impl Paging {
    fn parse(params: PagingParams) -> Result<Self, AppError> {
        let mut problems = Vec::new();
        let mut refuse =
            |field: &str, message: String| problems.push(FieldProblem::new(field, "invalid", message));

        let limit = params.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            refuse("limit", format!("must be between 1 and {MAX_LIMIT}"));
        }
        let search = params.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if search.as_ref().is_some_and(|text| text.chars().count() > MAX_SEARCH || text.contains('\0')) {
            refuse("q", format!("must be text of at most {MAX_SEARCH} characters"));
        }
        let sort = match params.sort.as_deref() {
            None => Sort::default(),
            Some(word) => match SORTS.iter().find(|(known, _)| *known == word) {
                Some((_, sort)) => *sort,
                None => {
                    refuse("sort", format!("must be one of {}", SORTS.map(|(word, _)| word).join(", ")));
                    Sort::default()
                }
            },
        };
        let after = params.cursor.and_then(|text| {
            let position = Cursor::decode(&text, sort);
            if position.is_none() {
                refuse("cursor", "must be the next_cursor of a page in the same order".into());
            }
            position
        });
        if problems.is_empty() {
            Ok(Self { request: PageRequest { limit, after, sort, search } })
        } else {
            Err(AppError::Invalid(problems))
        }
    }

    /// `rows` is what the store gave: at most one more than asked for, which says that there are more.
    pub fn page<R, T>(
        &self,
        mut rows: Vec<R>,
        position: impl Fn(&R) -> (String, Uuid),
        map: impl FnMut(R) -> T,
    ) -> Page<T> {
        let limit = self.request.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let (name, id) = position(last);
            Cursor { sort: word(self.request.sort).into(), name, id }.encode()
        });
        Page { items: rows.into_iter().map(map).collect(), next_cursor }
    }
}

impl<T> Page<T> {
    /// A list that is never long enough to be cut.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> axum::response::Response {
        Json(self).into_response()
    }
}

impl Cursor {
    fn encode(&self) -> String {
        // Two strings and a UUID always serialize.
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str, sort: Sort) -> Option<Position> {
        let cursor: Cursor = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (cursor.sort == word(sort)).then_some(Position { name: cursor.name, id: cursor.id })
    }
}

fn word(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "-created_at",
        Sort::Oldest => "created_at",
        Sort::Name => "name",
        Sort::NameDescending => "-name",
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Query(params) = Query::<PagingParams>::from_request_parts(parts, state).await?;
        Ok(Self::parse(params)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<Paging, Vec<String>> {
        let params = serde_json::from_value(
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| {
                    let value = value.parse::<u32>().map_or_else(|_| value.into(), serde_json::Value::from);
                    (name.to_owned(), value)
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
        )
        .unwrap();
        Paging::parse(params).map_err(|error| match error {
            AppError::Invalid(problems) => problems.into_iter().map(|problem| problem.field).collect(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_cursor_leads_to_the_row_after_the_last_one_shown() {
        let paging = parse("limit=2&sort=name").unwrap();
        let rows = vec![("a", 1u128), ("b", 2), ("c", 3)];
        let position = |row: &(&str, u128)| (row.0.to_owned(), Uuid::from_u128(row.1));
        let page = paging.page(rows, position, |row| row.0);
        assert_eq!(page.items, ["a", "b"]);

        let cursor = page.next_cursor.unwrap();
        let next = parse(&format!("limit=2&sort=name&cursor={cursor}")).unwrap();
        assert_eq!(next.request.after, Some(Position { name: "b".into(), id: Uuid::from_u128(2) }));
        assert_eq!(next.page(vec![("c", 3u128)], position, |row| row.0).next_cursor, None);
        assert_eq!(parse(&format!("cursor={cursor}")), Err(vec!["cursor".into()]), "another order");
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let long = "x".repeat(201);
        let wrong = format!("limit=201&cursor=???&q={long}&sort=color");
        assert_eq!(parse(&wrong), Err(["limit", "q", "sort", "cursor"].map(String::from).to_vec()));
        assert_eq!(parse("limit=0"), Err(vec!["limit".into()]));
    }
}
