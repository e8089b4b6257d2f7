//! Lists in pages, as the databases give them.

use std::cmp::Ordering;

use uuid::Uuid;

use crate::ports::repository::{PageRequest, Sort, text::storable};

/// `key` is what a row is searched and sorted by, and its id.
pub(super) fn page<'t, T: Clone + 't>(
    rows: impl Iterator<Item = &'t T>,
    page: &PageRequest,
    key: impl Fn(&T) -> (&str, Uuid),
) -> Vec<T> {
    let search = page.search.as_ref().map(|search| storable(search).to_ascii_lowercase());
    let after = page.after.as_ref().map(|after| (storable(&after.name), after.id));
    let mut found: Vec<&T> = rows
        .filter(|row| {
            search.as_ref().is_none_or(|search| key(row).0.to_ascii_lowercase().contains(search.as_str()))
        })
        .filter(|row| {
            after
                .as_ref()
                .is_none_or(|(name, id)| compare(page.sort, key(row), (name, *id)) == Ordering::Greater)
        })
        .collect();
    found.sort_by(|a, b| compare(page.sort, key(a), key(b)));
    found.into_iter().take(page.limit as usize + 1).cloned().collect()
}

fn compare(sort: Sort, a: (&str, Uuid), b: (&str, Uuid)) -> Ordering {
    match sort {
        Sort::Newest => b.1.cmp(&a.1),
        Sort::Oldest => a.1.cmp(&b.1),
        Sort::Name => a.cmp(&b),
        Sort::NameDescending => b.cmp(&a),
    }
}

pub(super) fn newest(page: &PageRequest) -> PageRequest {
    PageRequest { sort: Sort::Newest, ..page.clone() }
}
