//! Lists in pages: the rows after a known one, found by index, never by counting.

use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::column::amount;
use crate::ports::repository::{PageRequest, Sort, text::storable};

/// Appends a page's conditions, order and limit to a statement that has a `WHERE` already. `name` is the column that is
/// searched and sorted by.
pub(super) fn push_page<DB>(query: &mut QueryBuilder<DB>, page: &PageRequest, name: &'static str)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    push_search(query, page, name);
    let (by_name, sign, direction) = match page.sort {
        Sort::Newest => (false, "<", "DESC"),
        Sort::Oldest => (false, ">", "ASC"),
        Sort::Name => (true, ">", "ASC"),
        Sort::NameDescending => (true, "<", "DESC"),
    };
    if let Some(after) = &page.after {
        if by_name {
            query
                .push(format_args!(" AND ({name}, id) {sign} ("))
                .push_bind(storable(&after.name).into_owned());
            query.push(", ").push_bind(after.id).push(")");
        } else {
            query.push(format_args!(" AND id {sign} ")).push_bind(after.id);
        }
    }
    query.push(" ORDER BY ");
    if by_name {
        query.push(format_args!("{name} {direction}, "));
    }
    query.push(format_args!("id {direction} LIMIT ")).push_bind(amount(page.limit.into()) + 1);
}

/// Only what contains the text that is searched.
pub(super) fn push_search<DB>(query: &mut QueryBuilder<DB>, page: &PageRequest, column: &'static str)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    if let Some(search) = &page.search {
        query.push(format_args!(" AND LOWER({column}) LIKE ")).push_bind(containing(search));
        query.push(r" ESCAPE '\'");
    }
}

/// Newest first, whatever the page says.
pub(super) fn newest(page: &PageRequest) -> PageRequest {
    PageRequest { sort: Sort::Newest, ..page.clone() }
}

/// A `LIKE` pattern for texts that contain this one; both sides in lower case.
fn containing(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in storable(search).to_ascii_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern + "%"
}

/// Ids or rows in one statement: far below what either engine binds at most (32,766 and 65,535 values).
pub(super) const BATCH: usize = 1_000;

/// Appends `id, id, id)`.
pub(super) fn push_ids<DB, T>(query: &mut QueryBuilder<DB>, ids: &[T])
where
    DB: Database,
    T: Copy + Into<Uuid>,
    Uuid: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind((*id).into());
    }
    list.push_unseparated(")");
}
